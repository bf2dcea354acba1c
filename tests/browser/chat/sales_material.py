"""Have the sales agent extract material from a conversation."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import upload_and_open, upload_transcript
from tests.chat.agents.sales.conversations import ENGLISH

CUE_MS = 300


def extract_material(page: Page, file: Path) -> None:
    """Upload a video, give it the transcript of a sales conversation, and call the agent. The page shows its answer."""
    path = upload_and_open(page, file)
    cues = [{"text": line, "offset": n * CUE_MS / 1000, "duration": CUE_MS / 1000} for n, line in enumerate(ENGLISH)]
    upload_transcript(page, path, json.dumps(cues), "application/json")

    page.goto(f"/chat/?video={path.split('/')[2]}")
    page.fill("#question", "@sal")
    expect(page.locator("#agent-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_have_value("@sales_prompt_extractor ")
    expect(page.locator("#attached-cost")).to_have_text("@sales_prompt_extractor: no tokens")
    page.keyboard.press("Enter")
    expect(page.locator(".answer:not([data-stream]) .section")).to_have_count(4)
