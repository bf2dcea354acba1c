"""Export an output."""

import json
from collections.abc import Callable

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.api.outputs import OutputReadSerializer
from chat.outputs.models import Output
from chat.rendering import link_citations
from sage.errors import BadRequest

CONTENT_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "txt": "text/plain; charset=utf-8",
}
PART_KINDS = {  # of the file that holds a part of a sales conversation alone; others are Markdown
    Output.Type.STRUCTURED_DATA: "json",
    Output.Type.TRAINING_DATA: "json",
    Output.Type.VOICE_PROMPT: "txt",
}
UNKNOWN = "Export as md, json, part or jsonl."


def export_output(output: Output, kind: str, site: str) -> HttpResponse:
    """Return a download. Citations link to their seconds below the address `site`. Raises `BadRequest`.

    `part` is the content alone, as it is shown. `jsonl` has a line for each training example.
    """
    builders: dict[str, Callable[[], str]] = {
        "md": lambda: _build_markdown(output, site),
        "json": lambda: json.dumps(OutputReadSerializer(output).data, ensure_ascii=False, indent=2, default=str),
        "jsonl": lambda: _build_lines(output),
        "part": lambda: f"{output.content}\n",
    }
    if kind not in builders:
        raise BadRequest(UNKNOWN)
    text = builders[kind]()
    ending = PART_KINDS.get(Output.Type(output.type), "md") if kind == "part" else kind
    name = f"{slugify(output.title)[:60] or 'output'}.{ending}"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(text, content_type=CONTENT_TYPES[ending], headers=headers)


def _build_markdown(output: Output, site: str) -> str:
    data = "" if output.data is None else f"\n\n```json\n{json.dumps(output.data, ensure_ascii=False, indent=2)}\n```"
    content = "" if output.is_json else link_citations(output, site)
    return f"# {output.title}\n\n{content}{data}\n"


def _build_lines(output: Output) -> str:
    """Return one JSON object {input, output, metadata} for each line, for fine-tuning. Raises `BadRequest`."""
    if output.type != Output.Type.TRAINING_DATA or not isinstance(output.data, dict):
        raise BadRequest("Only training data can be exported as JSONL.")
    video = output.video
    known = {"video_id": video.video_id, "video_title": video.title} if video else {}
    lines = []
    for example in output.data.get("examples", ()):
        metadata = {**known, **example.get("metadata", {}), "model": output.model}
        line = {"input": example["input"], "output": example["output"], "metadata": metadata}
        lines.append(f"{json.dumps(line, ensure_ascii=False)}\n")
    return "".join(lines)
