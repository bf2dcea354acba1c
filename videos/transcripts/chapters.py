"""Store the chapters of a video."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sage.durations import format_timestamp, parse_duration
from sage.errors import InvalidInput
from videos.models import Chapter, LibraryEntry, Video

MAX_CHAPTERS = 500
MAX_TITLE_LETTERS = 200


def replace_chapters(video: Video, chapters: Iterable[tuple[float, str]]) -> None:
    """Store the start and title of each chapter instead of the existing ones. Raises `InvalidInput`.

    Those of a YouTube video from a user's library are shown to that user only.
    """
    by_start: dict[float, str] = {}
    for start, title in sorted(chapters):
        if video.duration is not None and start >= video.duration:
            raise InvalidInput.field(
                "start", f"“{title}” starts at or after the end of the video. Enter an earlier time.", "max_value"
            )
        if start in by_start:
            raise InvalidInput.field("start", f"Two chapters start at {start:g} s. Move or delete one.", "unique")
        by_start[start] = " ".join(title.split())
    with transaction.atomic():
        Video.objects.select_for_update(no_key=True, of=("self",)).get(pk=video.pk)
        owner_id = video.entry_user_id
        video.chapters.filter(owner=owner_id).delete()
        Chapter.objects.bulk_create(
            Chapter(video=video, owner_id=owner_id, start=start, title=title) for start, title in by_start.items()
        )
        if owner_id:
            LibraryEntry.objects.filter(video=video, user=owner_id).update(has_chapters=True)
            video.entry_has_chapters = True
        else:
            Video.objects.filter(pk=video.pk).update(has_own_chapters=True, updated_at=timezone.now())


def list_chapters(video: Video) -> QuerySet[Chapter]:
    """Return the chapters that the viewer of a video sees: their own of a YouTube video, else the shared ones."""
    return video.chapters.filter(owner=video.entry_user_id if video.entry_has_chapters else None)


def parse_text(text: str) -> list[tuple[float, str]]:
    """Return the start and title of each line, such as “1:05 Interview”. Raises `InvalidInput`."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        time, _, title = " ".join(line.split()).partition(" ")
        try:
            start = parse_duration(time)
        except ValueError as error:
            raise InvalidInput.field(
                "text", f"Line {number} does not begin with a time such as 1:05. Correct it.", "invalid"
            ) from error
        if not title.strip() or len(title.strip()) > MAX_TITLE_LETTERS:
            raise InvalidInput.field(
                "text", f"Line {number} needs a title of at most {MAX_TITLE_LETTERS} characters.", "invalid"
            )
        found.append((start, title.strip()))
    if len(found) > MAX_CHAPTERS:
        raise InvalidInput.field("text", f"Enter at most {MAX_CHAPTERS} chapters.", "max_length")
    return found


def as_text(chapters: Iterable[Chapter]) -> str:
    """Return the chapters as `parse_text` reads them, with exact times."""
    return "".join(f"{_format_exact(chapter.start)} {chapter.title}\n" for chapter in chapters)


def _format_exact(seconds: float) -> str:
    fraction = f"{seconds % 1:.3f}"[1:].rstrip("0").rstrip(".")
    return f"{format_timestamp(seconds)}{fraction}" if fraction.startswith(".") else format_timestamp(round(seconds))


def as_youtube_text(chapters: Iterable[Chapter]) -> str:
    """Return the chapters as YouTube reads them in a description: one per line, the first at 0:00."""
    lines = [(chapter.start, chapter.title) for chapter in chapters]
    if lines and lines[0][0] > 0:
        lines.insert(0, (0.0, "Start"))
    return "".join(f"{format_timestamp(start)} {title}\n" for start, title in lines)
