"""Files on S3: pages upload parts to the bucket and play videos from it directly."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.footage import real
from tests.s3 import BUCKET, KEY, SECRET, S3Server
from tests.site import Site, free_port


@pytest.fixture
def s3_site(tmp_path_factory) -> Iterator[tuple[Site, S3Server]]:
    """Start a site that stores its files on S3, with an S3 server that accepts uploads from its pages."""
    port = free_port()
    server = S3Server(site_origin=f"http://127.0.0.1:{port}")
    environment = {
        "S3_BUCKET_NAME": BUCKET,
        "S3_REGION": "us-east-1",
        "S3_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    site = Site(tmp_path_factory.mktemp("s3-site") / "var", port, **environment).start()
    yield site, server
    site.stop()
    server.stop()


def test_an_upload_goes_directly_to_s3_and_plays_from_there(s3_site, new_page, tmp_path) -> None:
    site, server = s3_site
    page: Page = new_page(base_url=site.address)
    sign_up(page, "Alice", "alice@example.org")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    file = tmp_path / "On S3.mp4"
    free = 12 * 1024 * 1024
    file.write_bytes(real("bikes").read_bytes() + free.to_bytes(4, "big") + b"free" + os.urandom(free - 8))
    page.set_input_files("#upload input[type=file]", file)
    expect(page.locator(".card.ready")).to_be_visible(timeout=90_000)

    assert len(sent) == 2
    assert {urlsplit(address).netloc for address in sent} == {urlsplit(server.endpoint).netloc}
    (stored,) = server.client().list_objects_v2(Bucket=BUCKET, Prefix="videos/")["Contents"]
    assert stored["Size"] == file.stat().st_size
    from_bucket = re.compile(re.escape(server.endpoint))
    with page.expect_response(lambda answer: from_bucket.match(answer.url) and answer.status == 206):
        page.locator(".card h3 a").click()
    # A function and not an expression: Playwright would evaluate an expression with eval(), which the policy forbids.
    page.wait_for_function("() => document.querySelector('#player video').readyState >= 2")
    page.evaluate("document.querySelector('#player video').currentTime = 5")
    page.wait_for_function("() => document.querySelector('#player video').currentTime === 5")
