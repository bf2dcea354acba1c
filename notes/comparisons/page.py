"""Show the notes on a comparison: on its page, in its report and in its exports."""

import json
import uuid
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse

from accounts.viewer import viewer_of
from notes.comparisons import share_comments
from notes.models import Note, NoteQuerySet
from notes.panel import LABEL_LENGTH, read_id
from notes.queries import SHOWN
from sage.durations import format_timestamp
from videos.comparisons.reviews.moments import MomentMap
from videos.comparisons.reviews.panels import CompareMark, ComparePanel, ComparePanelContent
from videos.diff.script import wording
from videos.diff.script.stored import ShownNote, ShownScript, ShownSegment, SideName
from videos.models import Comparison, Share

MAX_SHOWN = 1_000  # notes of one comparison on its page; all can be exported


@dataclass(frozen=True, slots=True)
class ComparisonThread:
    """A note on a comparison with its replies, oldest first.

    `a` and `b` are its seconds on each side, None on a side without this footage. `difference` is the index of the
    differing segment that it is in, None elsewhere. `order` sorts threads by the time of B.
    """

    note: Note
    replies: list[Note]
    a: float | None
    b: float | None
    difference: int | None
    order: float

    @property
    def sides(self) -> list[tuple[str, float | None, str]]:
        """The letter, the seconds and the timestamp of each side, that of the note first."""
        pairs: list[tuple[str, float | None]] = [("a", self.a), ("b", self.b)]
        if self.note.side == "b":
            pairs.reverse()
        return [(side, at, "" if at is None else format_timestamp(at)) for side, at in pairs]

    @property
    def other_side(self) -> str:
        """The letter of the side that the note is not on."""
        return "A" if self.note.side == "b" else "B"


def list_comparison_notes(comparison_ids: Collection[uuid.UUID]) -> NoteQuerySet:
    """Return the notes of the owners of comparisons on them, and the comments of their visitors, by time."""
    notes = Note.objects.filter(comparison__in=comparison_ids, owner=F("comparison__owner"))
    return notes.with_people()


def load_shown_notes(comparison_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[ShownNote]]:
    """Return the notes of comparisons with their replies, as reports and exports show them."""
    shown: dict[uuid.UUID, list[ShownNote]] = {}
    by_id: dict[uuid.UUID, ShownNote] = {}
    notes = list(list_comparison_notes(comparison_ids))
    for note in notes:
        if note.reply_to_id is None and note.comparison_id:
            by_id[note.pk] = {
                "side": None if note.is_general else _get_side(note),
                "seconds": None if note.is_general else note.seconds,
                "author": note.author_name,
                "text": note.text or "",
                "done": note.done,
                "is_comment": note.is_comment,
                "replies": [],
            }
            shown.setdefault(note.comparison_id, []).append(by_id[note.pk])
    for note in sorted(notes, key=lambda note: note.created_at):
        if note.reply_to_id in by_id:
            by_id[note.reply_to_id]["replies"].append({"author": note.author_name, "text": note.text or ""})
    return shown


def build_content(
    request: HttpRequest, comparison: Comparison, script: ShownScript, share: Share | None
) -> ComparePanelContent | None:
    """Return the notes of the owner, filtered by `show` and `difference`; on a shared page, the comments on it."""
    if share is not None:
        return share_comments.build_content(request, share)
    viewer = viewer_of(request)
    if viewer.user is None or comparison.owner_id != viewer.user.pk:
        return None
    notes = list(list_comparison_notes([comparison.pk])[: MAX_SHOWN + 1])
    threads = _build_threads(notes[:MAX_SHOWN], MomentMap(script))
    show = request.GET.get("show", "")
    difference = _find_difference(script, request.GET.get("difference", ""))
    shown = [
        thread
        for thread in threads
        if (show not in SHOWN or thread.note.done == SHOWN[show])
        and (difference is None or thread.difference == difference["index"])
    ]
    data = {
        "threads": shown,
        "filters": [
            ("", "All", len(threads)),
            ("open", "Open", sum(not thread.note.done for thread in threads)),
            ("done", "Done", sum(thread.note.done for thread in threads)),
        ],
        "show": show if show in SHOWN else "",
        "difference": difference,
        "difference_label": f"{wording.title(difference)}, {wording.times(difference)}" if difference else "",
        "deleted_id": read_id(request.GET.get("deleted", "")),
        "has_more": len(notes) > MAX_SHOWN,
        "is_on_a": bool(difference and not difference["b"]),
        "start": (difference["b"] or difference["a"] or [0.0])[0] if difference else 0.0,
        "counts": json.dumps(_count_by_difference(threads)),
        "sides": [("a", comparison.video_a), ("b", comparison.video_b)],
    }
    return ComparePanelContent(data, len(threads), [_build_mark(thread) for thread in threads if _is_placed(thread)])


def _count_by_difference(threads: list[ComparisonThread]) -> dict[int, int]:
    """Return the numbers of notes and replies by the index of the difference that they are in."""
    counts: Counter[int] = Counter()
    for thread in threads:
        if thread.difference is not None:
            counts[thread.difference] += 1 + len(thread.replies)
    return counts


def _find_difference(script: ShownScript, index: str) -> ShownSegment | None:
    """Return the differing segment that the address names."""
    with suppress(ValueError):
        number = int(index)
        return next((row for row in script["segments"] if row["index"] == number and row["op"] != "equal"), None)
    return None


def _build_threads(notes: list[Note], moments: MomentMap) -> list[ComparisonThread]:
    """Return the notes with their replies in the order of B."""
    replies: dict[uuid.UUID, list[Note]] = {}
    for note in sorted(notes, key=lambda note: note.created_at):
        if note.reply_to_id:
            replies.setdefault(note.reply_to_id, []).append(note)
    threads = [_place(note, replies.get(note.pk, []), moments) for note in notes if note.reply_to_id is None]
    return sorted(threads, key=lambda thread: (thread.order, thread.note.seconds, thread.note.created_at))


def _place(note: Note, replies: list[Note], moments: MomentMap) -> ComparisonThread:
    if note.is_general:
        return ComparisonThread(note, replies, None, None, None, -1.0)
    side = _get_side(note)
    segment, other = moments.find_segment(side, note.seconds), moments.find_other(side, note.seconds)
    a, b = (note.seconds, other) if side == "a" else (other, note.seconds)
    order = b if b is not None else (segment and segment["follows"]) or note.seconds
    difference = segment["index"] if segment and segment["op"] != "equal" else None
    return ComparisonThread(note, replies, a, b, difference, order)


def _get_side(note: Note) -> SideName:
    return "a" if note.side == "a" else "b"


def _is_placed(thread: ComparisonThread) -> bool:
    return not thread.note.is_general


def _build_mark(thread: ComparisonThread) -> CompareMark:
    note = thread.note
    return CompareMark(
        a=thread.a,
        b=thread.b,
        label=f"{note.author_name}: {note.text or 'Note'}"[:LABEL_LENGTH],
        url=build_note_query(note),
        is_done=note.done,
    )


def build_note_query(note: Note) -> str:
    """Return the query string and the fragment of a note on the page of its comparison."""
    side = "&side=a" if note.side == "a" else ""
    place = "" if note.is_general else f"&t={note.seconds:.3f}{side}"
    return f"?panel=notes{place}#note-{note.reply_to_id or note.pk}"


def build_note_url(note: Note) -> str:
    """Return the URL of a note on the page of its comparison."""
    return f"{reverse('videos:compare', args=[note.comparison_id])}{build_note_query(note)}"


PANEL = ComparePanel(
    name="notes",
    label="Notes",
    shared_label="Comments",
    order=10,
    template="notes/_compare_panel.html",
    shared_template="notes/_share_comments.html",
    build_content=build_content,
    scripts=("notes/notes.js", "notes/compare-notes.js"),
    shared_scripts=("notes/share-comments.js",),
    styles=("notes/notes.css", "notes/compare-notes.css"),
    shortcuts=(("N", "Take a note at this second"),),
)
