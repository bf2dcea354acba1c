"""Export a script as JSON, CSV or Markdown."""

import csv
import io
import json
import re

from videos.diff.export.subject import Subject, TextDifference, Words, differing, one_line
from videos.diff.quality.technical_facts import LABELS
from videos.diff.script import wording
from videos.diff.script.stored import SIDES, ShownNote, ShownScript, ShownSegment

COLUMNS: tuple[str, ...] = ("number", "op", "severity", "a_start", "a_end", "b_start", "b_end", "distance", "regions")
COLUMNS += ("kind", "text_a", "text_b")  # the kind of row, and the texts of words and of text on screen
COLUMNS += ("review", "note", "author")
COLUMNS += ("change", "confidence")  # the kind of a change of the picture
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # by which spreadsheets recognise a formula
REVIEW_TITLES = {"expected": "Expected", "to_fix": "To fix"}
TEXT_TITLES = {"words": "Words", "screen_text": "Text on screen"}
TEXT_LABELS = {"changed": "Changed", "inserted": "Added", "deleted": "Removed"}
_SPECIAL_CHARACTERS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


def as_json(shown: ShownScript, subject: Subject, words: Words | None = None) -> str:
    """Return one JSON object whose segments and words are those of the API."""
    whole = {
        "a": {"title": subject.a.title, "duration": shown["duration_a"]},
        "b": {"title": subject.b.title, "duration": shown["duration_b"]},
        "duration_a": shown["duration_a"],
        "duration_b": shown["duration_b"],
        "mode": shown.get("mode", "aligned"),
        "metric": shown.get("metric"),
        "transforms": shown["transforms"],
        "threshold_used": shown["threshold"],
        "similarity_percent": shown["similarity_percent"],
        "total_segments": shown["total_segments"],
        "differing_segments": shown["differing_segments"],
        "segments": plain_segments(shown),
        "notes": shown.get("notes", []),
        "words": words,
        "facts": list(subject.facts),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def plain_segments(shown: ShownScript) -> list[dict[str, object]]:
    """Return the segments with the keys that the API documents, and no others."""
    return [
        {
            "op": row["op"],
            "a": row["a"],
            "b": row["b"],
            "distance": row["distance"],
            "severity": row["severity"],
            "kind": row.get("kind"),
            "confidence": row.get("confidence"),
            "review": row.get("review"),
            "note_count": sum(1 + len(note["replies"]) for note in row.get("notes", [])),
            "regions": row["regions"],
        }
        for row in shown["segments"]
    ]


def as_csv(shown: ShownScript, subject: Subject, words: Words | None = None) -> str:
    """Return a row for each segment, each difference of words and of text on screen, and each note.

    Times are in seconds. `kind` is `picture`, `words`, `screen_text`, `note`, `comment` or `reply`. Regions are
    `x y width height` in fractions of the frame, separated by `;`.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, row in enumerate(shown["segments"], start=1):
        spans = [row[side] or ("", "") for side in SIDES]
        boxes = ";".join(f"{box['x']} {box['y']} {box['width']} {box['height']}" for box in row["regions"])
        distance = "" if row["distance"] is None else row["distance"]
        facts = [number, row["op"], row["severity"] or "", *spans[0], *spans[1], distance, boxes]
        writer.writerow([*facts, "picture", "", "", row.get("review") or "", "", "", *_list_kind(row)])
    for kind, texts in _list_texts(words):
        for number, text in enumerate(texts, start=1):
            writer.writerow(_build_text_row(kind, number, text))
    for number, note in enumerate(shown.get("notes", []), start=1):
        writer.writerows(_build_note_rows(number, note))
    return out.getvalue()


def _list_kind(row: ShownSegment) -> list[object]:
    kind = row.get("kind")
    return [kind, row.get("confidence")] if kind else ["", ""]


def _build_note_rows(number: int, note: ShownNote) -> list[list[object]]:
    start = "" if note["seconds"] is None else note["seconds"]
    times = [start if note["side"] == side else "" for side in SIDES]
    facts = [number, "", "", times[0], "", times[1], "", "", ""]
    kind = "comment" if note["is_comment"] else "note"
    texts = [
        (kind, note["text"], note["author"]),
        *(("reply", each["text"], each["author"]) for each in note["replies"]),
    ]
    return [[*facts, kind, "", "", "", _quote(text), _quote(author), "", ""] for kind, text, author in texts]


def _quote(text: str) -> str:
    """Return a text that spreadsheets do not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _list_texts(words: Words | None) -> list[tuple[str, list[TextDifference]]]:
    return [("words", words["segments"]), ("screen_text", words["screen_text"])] if words else []


def _build_text_row(kind: str, number: int, text: TextDifference) -> list[object]:
    spans = [text["a"] or ("", ""), text["b"] or ("", "")]
    box = text.get("box")
    place = f"{box['x']} {box['y']} {box['width']} {box['height']}" if box else ""
    texts = [_quote(text["text_a"]), _quote(text["text_b"])]
    return [number, text["op"], "", *spans[0], *spans[1], "", place, kind, *texts, "", "", "", "", ""]


def as_md(shown: ShownScript, subject: Subject, words: Words | None = None) -> str:
    """Return a Markdown document: facts about the pair, then a line for each difference, also of words."""
    lines = [
        f"# {_escape(subject.a.line)} → {_escape(subject.b.line)}",
        "",
        f"- A: {_escape(subject.a.line)}, {wording.clock(shown['duration_a'])}",
        f"- B: {_escape(subject.b.line)}, {wording.clock(shown['duration_b'])}",
        f"- {wording.summary(shown)}; {shown['similarity_percent']:g} % same",
        *(f"- {wording.transform(each)}" for each in shown["transforms"]),
        "",
        f"## Differences: {shown['differing_segments']}",
        "",
    ]
    for number, row in enumerate(differing(shown), start=1):
        severity = f", {row['severity']}" if row["severity"] else ""
        review = f", **{REVIEW_TITLES[reviewed]}**" if (reviewed := row.get("review")) else ""
        lines.append(f"{number}. **{wording.title(row)}**{severity}: {wording.times(row)}{review}")
        lines += (line for note in row.get("notes", []) for line in _describe_note(note, "   "))
    if not shown["differing_segments"]:
        lines.append("None.")
    for kind, texts in _list_texts(words):
        if texts:
            lines += ["", f"## {TEXT_TITLES[kind]}: {len(texts)}", ""]
        lines += (f"{number}. {_describe_text(text)}" for number, text in enumerate(texts, start=1))
    if subject.facts:
        lines += ["", "## Files", "", "| | A | B |", "|---|---|---|"]
        lines += (f"| {LABELS[fact['name']]} | {_escape(fact['a'])} | {_escape(fact['b'])} |" for fact in subject.facts)
    placed = [note for row in differing(shown) for note in row.get("notes", [])]
    if others := [note for note in shown.get("notes", []) if note not in placed]:
        lines += ["", f"## Other notes: {len(others)}", ""]
        lines += (line for note in others for line in _describe_note(note, ""))
    return "\n".join(lines) + "\n"


def _describe_note(note: ShownNote, indent: str) -> list[str]:
    """Return an item for a note and one for each reply."""
    time = "" if note["seconds"] is None else f"{wording.clock(note['seconds'])} in {(note['side'] or '').upper()}, "
    box = "x" if note["done"] else " "
    texts = [f"{indent}- [{box}] {time}{_escape(one_line(note['author']))}: {_escape(one_line(note['text']))}"]
    return texts + [
        f"{indent}  - {_escape(one_line(reply['author']))}: {_escape(one_line(reply['text']))}"
        for reply in note["replies"]
    ]


def _describe_text(text: TextDifference) -> str:
    times = [f"{wording.clock(span[0])} in {side}" for side, span in (("A", text["a"]), ("B", text["b"])) if span]
    quotes = [f"“{_escape(one_line(each))}”" for each in (text["text_a"], text["text_b"]) if each]
    return f"**{TEXT_LABELS[text['op']]}**, {' · '.join(times)}: {' → '.join(quotes)}"


def _escape(text: str) -> str:
    """Escape the special characters of Markdown."""
    return _SPECIAL_CHARACTERS.sub(r"\\\1", text)
