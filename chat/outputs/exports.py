"""Export an output as Markdown or JSON."""

import json

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.api.outputs import OutputReadSerializer
from chat.outputs.models import Output
from chat.rendering import link_citations
from sage.errors import BadRequest

CONTENT_TYPES = {"md": "text/markdown; charset=utf-8", "json": "application/json"}


def export_output(output: Output, kind: str, site: str) -> HttpResponse:
    """Return a download. Citations link to their seconds below the address `site`. Raises `BadRequest`."""
    if kind not in CONTENT_TYPES:
        raise BadRequest("Export as md or json.")
    if kind == "json":
        text = json.dumps(OutputReadSerializer(output).data, ensure_ascii=False, indent=2, default=str)
    else:
        data = (
            "" if output.data is None else f"\n\n```json\n{json.dumps(output.data, ensure_ascii=False, indent=2)}\n```"
        )
        text = f"# {output.title}\n\n{link_citations(output, site)}{data}\n"
    name = f"{slugify(output.title)[:60] or 'output'}.{kind}"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(text, content_type=CONTENT_TYPES[kind], headers=headers)
