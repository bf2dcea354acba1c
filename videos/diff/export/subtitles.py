"""Export the differences as subtitles for B, so that any player can show them."""

import html

import pysubs2

from videos.diff.export.subject import Subject, place_in_b
from videos.diff.script import wording
from videos.diff.script.stored import ShownScript

DELETED_CUE_SECONDS = 2.0  # duration of the cue for a deleted segment


def as_srt(shown: ShownScript, subject: Subject) -> str:
    """Return SubRip subtitles with a cue for each difference."""
    return str(_make_cues(shown).to_string("srt"))


def as_vtt(shown: ShownScript, subject: Subject) -> str:
    """Return WebVTT subtitles with a cue for each difference."""
    return str(_make_cues(shown).to_string("vtt"))


def _make_cues(shown: ShownScript) -> pysubs2.SSAFile:
    subtitles = pysubs2.SSAFile()
    for row, at in place_in_b(shown):
        if row["op"] == "equal":
            continue
        end = row["b"][1] if row["b"] else at + DELETED_CUE_SECONDS
        text = wording.title(row) if row["b"] else f"{wording.title(row)}: {wording.times(row)}"
        subtitles.append(
            pysubs2.SSAEvent(start=round(at * 1000), end=round(end * 1000), text=html.escape(text, quote=False))
        )
    subtitles.sort()
    return subtitles
