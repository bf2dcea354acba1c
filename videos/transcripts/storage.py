"""Store, choose and edit the transcripts of a video."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sage.errors import Conflict, InvalidInput, NotFound
from sage.jobs import queue
from videos.models import Cue, Job, LibraryEntry, Transcript, Video
from videos.transcripts.cues import MAX_CUE_LETTERS, TimedText, clean_text
from videos.transcripts.signals import transcript_stored

BATCH_SIZE = 2_000  # rows per INSERT


def replace_transcript(
    video: Video,
    source: str,
    cues: Sequence[TimedText],
    language: str = "",
    model: str = "",
    owner_id: uuid.UUID | None = None,
) -> Transcript:
    """Store a transcript instead of the earlier one of the same source and language, and index it.

    With `owner_id`, the transcript of a YouTube video is shown to that user only. Without a language, and for speech,
    it replaces every transcript of the source. Rows are locked in the order jobs, video, cues, as in the queue. Call it
    in a transaction or outside one.
    """
    with transaction.atomic():
        restart_job(video, Job.Kind.PASSAGES)
        locked = _lock_video(video)
        earlier = locked.transcripts.filter(source=source, owner=owner_id)
        if language and source != Transcript.Source.SPEECH:
            earlier = earlier.filter(language=language)
        earlier.delete()
        if source == Transcript.Source.UPLOADED:
            Video.all_objects.filter(pk=locked.pk).update(prefers_speech=False)
        transcript = Transcript.objects.create(
            video=locked, owner_id=owner_id, source=source, language=language, model=model
        )
        Cue.objects.bulk_create(_build_rows(transcript, cues), batch_size=BATCH_SIZE)
        update_availability(locked, owner_id)
    return transcript


def replace_uploaded_transcript(video: Video, cues: Sequence[TimedText], language: str = "") -> Transcript:
    """Store the transcript that a user uploads. That of a YouTube video from their library is shown to them only."""
    return replace_transcript(video, Transcript.Source.UPLOADED, cues, language, owner_id=video.entry_user_id)


def list_transcripts(video: Video) -> QuerySet[Transcript]:
    """Return the transcripts of a video that its viewer may see: the shared ones and their own."""
    return video.transcripts.filter(Q(owner=None) | Q(owner=video.entry_user_id))


def update_availability(video: Video, owner_id: uuid.UUID | None = None) -> None:
    """Store whether a video has a transcript, shared or of one user. Call it in the transaction that changes it."""
    is_there = video.transcripts.filter(owner=owner_id, cues__isnull=False).exists()
    if is_there:
        transcript_stored.send(Video, video=video)
    if owner_id:
        LibraryEntry.objects.filter(video=video, user=owner_id).update(has_transcript=is_there)
    else:
        Video.all_objects.filter(pk=video.pk).update(has_transcript=is_there, updated_at=timezone.now())


def restart_job(video: Video, kind: str) -> None:
    """Run a job of a video again, also if it is running now. Call it in a transaction."""
    jobs = Job.objects.of(video).filter(kind=kind)
    job = jobs.select_for_update(of=("self",)).first()
    if job is None:
        job = Job.objects.create(video=video, kind=kind)
        queue.wake_workers(job)
    else:
        job.after = None
        queue.restart(job)


def choose_transcript(video: Video, language: str = "") -> Transcript | None:
    """Return the transcript that the owner prefers: uploaded before embedded before recognised, the newest first.

    Recognised speech goes first if the owner asked for it. With a `language`, only transcripts in that language are
    considered. The viewer's own transcript of a YouTube video goes before the shared ones.
    """
    candidates = [row for row in list_transcripts(video) if not language or row.language == language]
    order: dict[str, int] = {source: place for place, source in enumerate(Transcript.PREFERENCE)}
    if video.prefers_speech:
        order[Transcript.Source.SPEECH] = -1
    return min(
        candidates, key=lambda row: (row.owner_id is None, order[row.source], -row.created_at.timestamp()), default=None
    )


def load_cues(transcript: Transcript) -> list[TimedText]:
    """Return the cues in order of time, without words."""
    rows = transcript.cues.values_list("start", "end", "text")
    return [TimedText(start, end, text) for start, end, text in rows]


def edit_cue(video: Video, cue_id: int, text: str) -> Cue:
    """Change the text of a cue and index the transcript again. Raises `InvalidInput`, `NotFound` and `Conflict`.

    A shared transcript of a YouTube video is copied first, and the copy is the user's own.
    """
    clean = clean_text(text)
    if not clean or len(clean) > MAX_CUE_LETTERS:
        raise InvalidInput.field("text", f"Enter between 1 and {MAX_CUE_LETTERS:,} characters.", "invalid")
    replaceable = Cue.objects.filter(pk=cue_id).exclude(transcript__source=Transcript.Source.UPLOADED)
    if replaceable.exists() and Job.objects.of(video).filter(kind=Job.Kind.TRANSCRIPT).open().exists():
        raise Conflict("The transcript is being created. Correct it when it is complete.")
    with transaction.atomic():
        restart_job(video, Job.Kind.PASSAGES)
        _lock_video(video)
        rows = Cue.objects.filter(transcript__in=list_transcripts(video))
        cue = rows.select_for_update(of=("self",)).select_related("transcript").filter(pk=cue_id).first()
        if cue is None:
            raise NotFound("This line was replaced. Reload the page.")
        if video.is_youtube:
            cue = _prepare_own_cue(video, cue)
        if cue.text != clean:
            cue.text, cue.words = clean, []
            cue.save(update_fields=["text", "words"])
            Transcript.objects.filter(pk=cue.transcript_id).update(edited=True)
    return cue


def _prepare_own_cue(video: Video, cue: Cue) -> Cue:
    """Return the same cue in the user's own transcript of a YouTube video, which is indexed again."""
    transcript = cue.transcript
    if transcript.owner_id is not None:
        transcript.passages.all().delete()
        return cue
    copy = replace_uploaded_transcript(video, load_cues(transcript), transcript.language)
    found = copy.cues.filter(start=cue.start, end=cue.end, text=cue.text).first()
    if found is None:
        raise NotFound("This line was replaced. Reload the page.")
    return found


def _build_rows(transcript: Transcript, cues: Iterable[TimedText]) -> list[Cue]:
    return [
        Cue(transcript=transcript, start=cue.start, end=cue.end, text=cue.text, words=_as_lists(cue.words))
        for cue in cues
    ]


def _as_lists(words: Iterable[tuple[str, float, float]]) -> list[list[Any]]:
    return [list(word) for word in words]


def _lock_video(video: Video) -> Video:
    locked = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    if locked is None:
        raise NotFound("This video was deleted. Restore it first.")
    return locked
