"""Take over the captions and the chapters of the version before, with the times of this version."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import transaction
from django.db.models import Q

from sage.errors import Conflict
from videos.diff.script.time_mapping import MappedTime, TimeMapping
from videos.library import versions
from videos.models import Chapter, Comparison, Transcript, Video
from videos.transcripts import chapters as chapter_storage
from videos.transcripts import storage
from videos.transcripts.cues import TimedText, check_times

LABELS = {"unchanged": "Unchanged", "changed": "Changed here", "moved": "Moved", "deleted": "Deleted"}
BY_A_PERSON = Q(source=Transcript.Source.UPLOADED) | Q(edited=True)
NOTHING = "The version before has no captions or chapters of yours, or it was not compared with this version."


@dataclass(frozen=True, slots=True)
class RetimedLine:
    """A cue or a chapter of the earlier version, and its place in this one. `start` is None if it was deleted."""

    text: str
    old_start: float
    state: str
    start: float | None
    end: float | None

    @property
    def label(self) -> str:
        return LABELS[self.state]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a version can take over from the version before."""

    previous: Video
    language: str
    cues: list[RetimedLine]
    chapters: list[RetimedLine]

    @property
    def cue_counts(self) -> str:
        return describe_counts(self.cues)

    @property
    def chapter_counts(self) -> str:
        return describe_counts(self.chapters)

    @property
    def differing_cues(self) -> list[RetimedLine]:
        """The cues in changed or deleted footage."""
        return [line for line in self.cues if line.state in ("changed", "deleted")]

    @property
    def differing_chapters(self) -> list[RetimedLine]:
        return [line for line in self.chapters if line.state in ("changed", "deleted")]


def describe_counts(lines: Sequence[RetimedLine]) -> str:
    """Return a sentence such as “12: 9 unchanged, 1 moved, 2 deleted”."""
    counts = Counter(line.state for line in lines)
    parts = ", ".join(f"{counts[state]:,} {label.lower()}" for state, label in LABELS.items() if counts[state])
    return f"{len(lines):,}: {parts}" if parts else ""


def find_source(video: Video) -> Comparison | None:
    """Return the comparison with the version before, if that has captions or chapters of its owner."""
    comparison = versions.find_comparison_with_previous(video)
    if comparison is None:
        return None
    previous = comparison.video_a
    has_any = previous.has_own_chapters or previous.transcripts.filter(BY_A_PERSON, cues__isnull=False).exists()
    return comparison if has_any else None


def prepare_takeover(video: Video) -> Takeover | None:
    """Return the retimed captions and chapters of the version before. None without any."""
    comparison = find_source(video)
    if comparison is None:
        return None
    previous, mapping = comparison.video_a, comparison.build_mapping()
    transcript = _choose_transcript(previous)
    cues = storage.load_cues(transcript) if transcript else []
    kept = chapter_storage.list_chapters(previous) if previous.has_own_chapters else []
    return Takeover(
        previous,
        transcript.language if transcript else "",
        [_retime(cue.text, cue.start, mapping.map_range(cue.start, cue.end)) for cue in cues],
        _retime_chapters(list(kept), mapping),
    )


def take_over(video: Video, *, captions: bool, chapters: bool) -> Takeover:
    """Store the captions and the chapters of the version before on `video`, instead of those that its owner stored.

    Raises `Conflict` if there is nothing to take over.
    """
    found = prepare_takeover(video)
    if found is None:
        raise Conflict(NOTHING)
    if not (captions or chapters):
        raise Conflict("Choose captions, chapters or both. Nothing was changed.")
    cues = [TimedText(line.start, line.end or line.start, line.text) for line in found.cues if line.start is not None]
    starts = _list_starts(found.chapters, video.duration)
    if not (captions and cues) and not (chapters and starts):
        raise Conflict("No caption or chapter of the version before is in this version. Nothing was changed.")
    with transaction.atomic():
        if captions and cues:
            checked = sorted(check_times(cues, video.duration), key=lambda cue: (cue.start, cue.end))
            storage.replace_uploaded_transcript(video, checked, found.language)
        if chapters and starts:
            chapter_storage.replace_chapters(video, starts)
    return found


def _choose_transcript(video: Video) -> Transcript | None:
    """Return the transcript that a person uploaded or corrected, the preferred one if there are several."""
    preferred = storage.choose_transcript(video)
    if preferred and (preferred.source == Transcript.Source.UPLOADED or preferred.edited):
        return preferred
    return video.transcripts.filter(BY_A_PERSON).order_by("-created_at").first()


def _retime_chapters(chapters: Sequence[Chapter], mapping: TimeMapping) -> list[RetimedLine]:
    """Return the chapters, each from its start to the next one."""
    ends = [*(chapter.start for chapter in chapters[1:]), mapping.duration_a][: len(chapters)]
    return [
        _retime(chapter.title, chapter.start, mapping.map_range(chapter.start, end))
        for chapter, end in zip(chapters, ends, strict=True)
    ]


def _retime(text: str, start: float, mapped: MappedTime) -> RetimedLine:
    return RetimedLine(text, start, mapped.state, mapped.start, mapped.end)


def _list_starts(lines: Iterable[RetimedLine], duration: float | None) -> list[tuple[float, str]]:
    """Return the start and title of chapters in this version, one at a time."""
    kept = sorted((round(line.start, 3), line.text) for line in lines if line.start is not None)
    within = [each for each in kept if duration is None or each[0] < duration]
    return within[:1] + [after for before, after in pairwise(within) if after[0] > before[0]]
