"""Define the search kinds of videos: titles, chapters, transcripts, text on screen and shots."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.viewer import Viewer
from videos.library.queries import ADDED, TITLE
from videos.models import Chapter, Cue, Embedding, LibraryEntry, Passage, ScreenText, Video
from videos.search.excerpts import clean_text
from videos.search.filters import SearchFilters
from videos.search.registry import SearchKind, SearchRecord


def build_moment_url(video: Video, start: float | None) -> str:
    """Return the address of the page of a video at `start` in seconds."""
    url = reverse("videos:watch", args=[video.video_id])
    return url if start is None else f"{url}?{urlencode({'t': f'{start:.3f}'})}"


def build_still_url(video: Video, start: float | None, end: float | None) -> str:
    """Return the address of the still of a moment, or of the poster. Empty if the video is not ready."""
    if not (video.has_thumbnail if video.is_youtube else video.is_ready):
        return ""
    name = "poster.jpg" if start is None or not video.stills else video.find_still(start, start if end is None else end)
    return reverse("videos:derived", args=[video.video_id, name])


def list_passages(viewer: Viewer, filters: SearchFilters) -> QuerySet[Passage]:
    if viewer.user is None:
        return Passage.objects.none()
    videos = filters.list_videos(viewer).filter(filters.match_dates(ADDED))
    # One's own transcript of a YouTube video goes before the shared one.
    replaced = LibraryEntry.objects.owned_by(viewer).active().filter(has_transcript=True).order_by().values("video")
    visible = Q(owner=viewer.user) | (Q(owner=None) & ~Q(video__in=replaced))
    rows = Passage.objects.filter(visible, video__in=videos).order_by()
    return rows.annotate(**annotate_title(viewer)).select_related("video", "transcript").defer("search", "vector")


def describe_passage(passage: Passage) -> SearchRecord:
    return _describe_moment(passage, passage.text, passage.start, passage.end, passage.transcript.language)


def describe_cues(hits: Sequence[tuple[Passage, int]]) -> list[SearchRecord]:
    """Return the records of the passages with the times of the cues at character positions of their texts.

    Cues are found by time, because a worker may replace a passage by an equal one after it was loaded.
    """
    within = Q(pk__in=[])
    for passage, _ in hits:
        within |= Q(transcript=passage.transcript_id, start__lt=passage.end, end__gt=passage.start)
    cues: defaultdict[int, list[Cue]] = defaultdict(list)
    for cue in Cue.objects.filter(within).order_by("start", "pk").defer("words"):
        cues[cue.transcript_id].append(cue)
    records = []
    for passage, position in hits:
        own = [cue for cue in cues[passage.transcript_id] if cue.start < passage.end and cue.end > passage.start]
        start, end = _find_cue(passage, position, own)
        language = passage.transcript.language
        records.append(_describe_moment(passage, passage.text, start, end, language))
    return records


def _find_cue(passage: Passage, position: int, cues: list[Cue]) -> tuple[float, float]:
    """Return the times of the cue at a character position of a passage, or those of the passage."""
    text, searched = clean_text(passage.text), 0
    for cue in cues:
        line = clean_text(cue.text)
        found = text.find(line, searched)
        if found >= 0:
            searched = found + len(line)
            if position < searched:
                return cue.start, cue.end
    return passage.start, passage.end


def list_titles(viewer: Viewer, filters: SearchFilters) -> QuerySet[Video]:
    if viewer.user is None:
        return Video.objects.none().annotate(own_title=F("title"))
    return filters.list_videos(viewer).filter(filters.match_dates(ADDED)).annotate(own_title=TITLE)


def describe_title(video: Video) -> SearchRecord:
    return SearchRecord(
        video_id=video.video_id,
        title=video.shown_title,
        text=video.shown_title,
        url=build_moment_url(video, None),
        still_url=build_still_url(video, None, None),
    )


def list_chapters(viewer: Viewer, filters: SearchFilters) -> QuerySet[Chapter]:
    if viewer.user is None:
        return Chapter.objects.none()
    videos = filters.list_videos(viewer).filter(filters.match_dates(ADDED))
    replaced = LibraryEntry.objects.owned_by(viewer).active().filter(has_chapters=True).order_by().values("video")
    visible = Q(owner=viewer.user) | (Q(owner=None) & ~Q(video__in=replaced))
    following = Chapter.objects.filter(visible, video=OuterRef("video"), start__gt=OuterRef("start")).order_by("start")
    end = Coalesce(Subquery(following.values("start")[:1]), "video__duration", F("start"))
    rows = Chapter.objects.filter(visible, video__in=videos)
    return rows.annotate(end=end, **annotate_title(viewer)).select_related("video").order_by()


def describe_chapter(chapter: Chapter) -> SearchRecord:
    end: float = chapter.end  # type: ignore[attr-defined]  # an annotation of list_chapters
    return _describe_moment(chapter, chapter.title, chapter.start, max(end, chapter.start))


def list_screen_text(viewer: Viewer, filters: SearchFilters) -> QuerySet[ScreenText]:
    videos = filters.list_videos(viewer).filter(filters.match_dates(ADDED))
    rows = ScreenText.objects.filter(video__in=videos).annotate(**annotate_title(viewer))
    return rows.order_by().select_related("video").defer("search")


def describe_screen_text(line: ScreenText) -> SearchRecord:
    return _describe_moment(line, line.text, line.start, line.end)


def list_shots(viewer: Viewer, filters: SearchFilters) -> QuerySet[Embedding]:
    videos = filters.list_videos(viewer).filter(filters.match_dates(ADDED))
    rows = Embedding.objects.filter(video__in=videos, scope=Embedding.Scope.CLIP).order_by()
    return rows.select_related("video").defer("vector")


def describe_shot(clip: Embedding) -> SearchRecord:
    return _describe_moment(clip, "", clip.start or 0.0, clip.end or 0.0)


def annotate_title(viewer: Viewer) -> dict[str, Any]:
    """Return the annotation `entry_title` of rows that have a video: the title in the viewer's library."""
    entries = LibraryEntry.objects.owned_by(viewer).active().filter(video=OuterRef("video"))
    return {"entry_title": Subquery(entries.values("title")[:1])}


def _describe_moment(
    row: Passage | Chapter | ScreenText | Embedding, text: str, start: float, end: float, language: str = ""
) -> SearchRecord:
    video = row.video
    video.entry_title = getattr(row, "entry_title", None)
    return SearchRecord(
        video_id=video.video_id,
        title=video.shown_title,
        text=text,
        url=build_moment_url(video, start),
        start=start,
        end=end,
        language=language,
        still_url=build_still_url(video, start, end),
    )


KINDS = (
    SearchKind(
        name="title",
        label="Title",
        order=10,
        list_rows=list_titles,
        describe=describe_title,
        text_field="own_title",
        weight=2.0,
    ),
    SearchKind(
        name="chapter",
        label="Chapter",
        order=20,
        list_rows=list_chapters,
        describe=describe_chapter,
        text_field="title",
    ),
    SearchKind(
        name="transcript",
        label="Transcript",
        order=30,
        list_rows=list_passages,
        describe=describe_passage,
        search_field="search",
        language_field="transcript__language",
        vector_field="vector",
        describe_moments=describe_cues,
    ),
    SearchKind(
        name="screen_text",
        label="Text on screen",
        order=40,
        list_rows=list_screen_text,
        describe=describe_screen_text,
        search_field="search",
    ),
    SearchKind(
        name="visual",
        label="Shot",
        order=50,
        list_rows=list_shots,
        describe=describe_shot,
        text_field="",
        vector_field="vector",
        has_shots=True,
        moment_fields=("video_id", "start", "end"),
    ),
)
