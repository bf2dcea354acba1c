"""Differences as subtitles over B, to watch them in any player."""

import html

import pysubs2

from videos.diff import words
from videos.diff.export.subject import Shown, Subject, place_in_b

DELETED_SHOWS_SECONDS = 2.0  # what is not there is told for so long where it would have been


def as_srt(shown: Shown, subject: Subject) -> str:
    """SubRip, a cue for each difference."""
    return str(_cues(shown).to_string("srt"))


def as_vtt(shown: Shown, subject: Subject) -> str:
    """WebVTT, a cue for each difference."""
    return str(_cues(shown).to_string("vtt"))


def _cues(shown: Shown) -> pysubs2.SSAFile:
    made = pysubs2.SSAFile()
    for row, at in place_in_b(shown):
        if row["op"] == "equal":
            continue
        end = row["b"][1] if row["b"] else at + DELETED_SHOWS_SECONDS
        told = words.title(row) if row["b"] else f"{words.title(row)}: {words.times(row)}"
        made.append(
            pysubs2.SSAEvent(start=round(at * 1000), end=round(end * 1000), text=html.escape(told, quote=False))
        )
    made.sort()
    return made
