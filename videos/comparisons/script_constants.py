"""Render the constants that the scripts of the comparison page share with Python as a JavaScript module.

The module is checked in, since pages load static files without a build step. A test fails if it is out of date;
`python manage.py write_script_constants` writes it again.
"""

import json
from typing import Any

from django.conf import settings

from videos.comparisons import differences, page_data, presentation, timeline
from videos.diff.script import edit_script, rethreshold, wording

PATH = settings.BASE_DIR / "static" / "videos" / "compare" / "script" / "constants.js"
LINE_WIDTH = 120  # as in biome.json
HEADER = """\
// Generated from Python by `python manage.py write_script_constants`: see videos/comparisons/script_constants.py.
// biome-ignore-all format: generated
"""


def collect_constants() -> dict[str, Any]:
    """Return the shared constants by their names in JavaScript."""
    return {
        "OP_CODES": page_data.OP_CODES,
        "LETTERS": wording.LETTERS,
        "MEDIUM_FROM": edit_script.MEDIUM_FROM,
        "HIGH_FROM": edit_script.HIGH_FROM,
        "MEDIUM_SHARE": edit_script.MEDIUM_SHARE,
        "HIGH_SHARE": edit_script.HIGH_SHARE,
        "THRESHOLD_TOLERANCE": rethreshold.THRESHOLD_TOLERANCE,
        "REPLACED_DISTANCE": wording.REPLACED,
        "WHOLE_PICTURE_AREA": wording.WHOLE,
        "FRAME_VERBS": wording.FRAME_VERBS,
        "KIND_TITLES": wording.KIND_TITLES,
        "SHOT_FROM_SECONDS": wording.SHOT_FROM,
        "MIDDLE_FROM": wording.MIDDLE_FROM,
        "MIDDLE_TO": wording.MIDDLE_TO,
        "MAX_DIFFERING_PERCENT": wording.ALMOST,
        "SEVERITY_SHARES": differences.SEVERITY_SHARES,
        "VIEW_MODES": list(presentation.VIEW_MODES),
        "LINK_PARAMETERS": list(presentation.LINK_PARAMETERS),
        "MAX_BARS": timeline.MAX_BARS,
    }


def render_constants() -> str:
    """Return the text of the JavaScript module."""
    return HEADER + "".join(_render_constant(name, value) for name, value in collect_constants().items())


def _render_constant(name: str, value: Any) -> str:
    line = f"export const {name} = {_render(value)};\n"
    if not isinstance(value, dict) or len(line) <= LINE_WIDTH:
        return line
    entries = "".join(f"  {key}: {_render(each)},\n" for key, each in value.items())
    return f"export const {name} = {{\n{entries}}};\n"


def _render(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_render(each)}" for key, each in value.items()) + " }"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value).replace("e-0", "e-") if isinstance(value, float) else json.dumps(value)
