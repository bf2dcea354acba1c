"""Run the jobs that make the transcript, its passages and its summary. Only workers import this module.

Each function works outside any transaction, may run twice, and returns a function that writes its result.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from accounts.credentials.provider_keys import describe_caller
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderRejected
from sage.providers.protocols import SpokenSegment
from sage.storage import storage
from videos.comparisons import words
from videos.models import Chapter, Job, Passage, Transcript, Video
from videos.sandbox import runner, scratch
from videos.search.indexing import index_passages
from videos.transcripts import languages, passages, summaries, topics
from videos.transcripts.cues import TimedText, clean_text
from videos.transcripts.pipeline import is_speech_enabled
from videos.transcripts.storage import choose_transcript, load_cues, replace_transcript, restart_job
from videos.transcripts.words_diff import compare_words
from videos.youtube.steps import fetch_transcript

T = TypeVar("T")
AUDIO_FILE = "speech.pcm"
AUDIO_LIMITS = runner.SandboxLimits(wall_seconds=6 * 3600, cpu_seconds=6 * 3600, output_bytes=4 * 1024**3)
SUBTITLE_LIMITS = runner.SandboxLimits(wall_seconds=1800, cpu_seconds=1800)
DECODED_SHARE = 0.1  # of the progress; the rest is recognition
BATCH_SIZE = 1_000  # rows per INSERT


def make_transcript(job: Job, heartbeat: Heartbeat) -> Save:
    """Read the subtitle streams of a file, or recognise its speech. Keep an uploaded transcript.

    Of a YouTube video, fetch the captions.
    """
    video = job.video
    assert video  # noqa: S101 - this kind has a video
    if video.is_youtube:
        return fetch_transcript(job, heartbeat)
    if not video.prefers_speech and video.transcripts.filter(source=Transcript.Source.UPLOADED).exists():
        return lambda: None
    with scratch.open_job_folder(job) as folder, storage.local_copy(video.storage_key, folder, heartbeat) as path:
        found = runner.run_in_sandbox(
            "videos.media.transcription.subtitles:read_subtitles", {"path": str(path)}, heartbeat, SUBTITLE_LIMITS,
            room=folder, reads=[path],
        )  # fmt: skip
        if found and not video.prefers_speech:
            return lambda: _save_subtitles(video, found)
        if not is_speech_enabled():
            return lambda: None
        audio = folder / AUDIO_FILE
        has_sound = runner.run_in_sandbox(
            "videos.media.transcription.speech_audio:write_speech_audio",
            {"path": str(path), "target": str(audio), "duration": video.duration or 0.0},
            lambda share: heartbeat(None if share is None else share * DECODED_SHARE),
            AUDIO_LIMITS,
            room=folder,
            reads=[path],
        )
        if not has_sound:
            return lambda: None
        return _recognise_speech(video, audio, heartbeat)


def _save_subtitles(video: Video, found: list[dict[str, object]]) -> None:
    """Store the subtitle streams of a file; of several in one language, the first."""
    by_language: dict[str, list[TimedText]] = {}
    for stream in found:
        cues = [TimedText(start, end, text) for start, end, text in stream["cues"]]  # type: ignore[attr-defined]
        by_language.setdefault(languages.normalise_language(str(stream["language"])), cues)
    for language, cues in reversed(by_language.items()):  # the newest is preferred: the first stream of the file
        replace_transcript(video, Transcript.Source.SUBTITLES, cues, language)


def _recognise_speech(video: Video, audio: Path, heartbeat: Heartbeat) -> Save:
    try:
        caller = describe_caller(video.owner_id, "SPEECH_MODEL")
        cues = []
        with ThreadPoolExecutor(1, "speech") as pool:  # so that the lease is renewed while a model loads or computes
            transcriber = _wait_for(pool, heartbeat, lambda: registry.choose_transcriber(**caller))
            result = _wait_for(pool, heartbeat, lambda: transcriber.transcribe(audio, video.spoken_language))
            while (segment := _wait_for(pool, heartbeat, lambda: _read_next(result.segments))) is not None:
                if (cue := _as_cue(segment)).text:
                    cues.append(cue)
                heartbeat(DECODED_SHARE + (1 - DECODED_SHARE) * segment.end / max(video.duration or 0.0, segment.end))
            pool.submit(connections.close_all)  # the thread has recorded calls of a provider
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error
    if not cues:
        return lambda: None

    def save() -> None:
        replace_transcript(video, Transcript.Source.SPEECH, cues, result.language, transcriber.model)

    return save


def _wait_for(pool: ThreadPoolExecutor, heartbeat: Heartbeat, work: Callable[[], T]) -> T:
    future = pool.submit(work)
    while not wait([future], timeout=1).done:
        heartbeat()
    return future.result()


def _read_next(segments: Iterator[SpokenSegment]) -> SpokenSegment | None:
    return next(segments, None)


def _as_cue(segment: SpokenSegment) -> TimedText:
    words = tuple((clean_text(word.text), word.start, word.end) for word in segment.words)
    return TimedText(segment.start, max(segment.end, segment.start), clean_text(segment.text), words)


def make_passages(job: Job, heartbeat: Heartbeat) -> Save:
    """Cut the preferred transcript into passages with vectors, and find chapters.

    Of a YouTube video, also cut the transcripts that users have stored for themselves.
    """
    video = job.video
    assert video  # noqa: S101 - this kind has a video
    if not video.is_youtube:
        return _index_shared_transcript(video, heartbeat)
    new = video.transcripts.filter(passages=None, cues__isnull=False).distinct()
    saves = [_index_own_transcript(video, own, heartbeat) for own in new.exclude(owner=None)]
    shared = choose_transcript(video)
    if shared is None or not shared.passages.exists():
        saves.append(_index_shared_transcript(video, heartbeat))

    def save_all() -> None:
        for save in saves:
            save()

    return save_all


def _index_own_transcript(video: Video, transcript: Transcript, heartbeat: Heartbeat) -> Save:
    """Cut a transcript of a YouTube video that is shown to one user only. Chapters and summary are shared facts."""
    cues = load_cues(transcript)
    language = transcript.language or languages.detect_language(cue.text for cue in cues)
    texts = passages.cut_passages(passages.split_sentences(cues))
    caller = describe_caller(transcript.owner_id, "TEXT_VECTOR_MODEL")
    try:
        with ThreadPoolExecutor(1, "passages") as pool:  # so that the lease is renewed meanwhile
            embedder = _wait_for(pool, heartbeat, lambda: registry.choose_text_embedder(**caller))
            vectors = _wait_for(pool, heartbeat, lambda: embedder.embed([passage.text for passage in texts]))
            pool.submit(connections.close_all)  # the thread has recorded calls of a provider
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error

    def save() -> None:
        if Transcript.objects.filter(pk=transcript.pk).exists():
            transcript.language = language  # for the index
            _replace_passages(video, transcript, texts, vectors, embedder.model)

    return save


def _index_shared_transcript(video: Video, heartbeat: Heartbeat) -> Save:
    transcript = choose_transcript(video)
    cues = load_cues(transcript) if transcript else []
    if transcript is None or not cues:
        return lambda: _clear(video)
    language = transcript.language or languages.detect_language(cue.text for cue in cues)
    sentences = passages.split_sentences(cues)
    texts = passages.cut_passages(sentences)
    heartbeat(0.2)
    caller = describe_caller(video.owner_id, "TEXT_VECTOR_MODEL")
    pairs = words.load_pairs(video)
    try:
        with ThreadPoolExecutor(1, "passages") as pool:  # so that the lease is renewed meanwhile
            embedder = _wait_for(pool, heartbeat, lambda: registry.choose_text_embedder(**caller))
            vectors = _wait_for(pool, heartbeat, lambda: embedder.embed([passage.text for passage in texts]))
            heartbeat(0.7)
            lines = _wait_for(pool, heartbeat, lambda: embedder.embed([sentence.text for sentence in sentences]))
            chapters = _wait_for(pool, heartbeat, lambda: topics.find_chapters(sentences, lines))
            compared = [
                (comparison, _wait_for(pool, heartbeat, partial(compare_words, *sides)) if sides else None)
                for comparison, sides in pairs
            ]
            pool.submit(connections.close_all)  # the thread has recorded calls of a provider
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error

    def save() -> None:
        if not Transcript.objects.filter(pk=transcript.pk).exists():
            return  # replaced meanwhile, which has restarted this job
        restart_job(video, Job.Kind.SUMMARY)
        locked = Video.all_objects.select_for_update(no_key=True).get(pk=video.pk)
        same = Transcript.objects.filter(video=video, owner=None, source=transcript.source, language=language)
        if language != transcript.language and not same.exists():
            Transcript.objects.filter(pk=transcript.pk).update(language=language)
        transcript.language = language  # for the index
        _replace_passages(video, transcript, texts, vectors, embedder.model)
        if not locked.has_own_chapters:
            video.chapters.filter(owner=None).delete()
            Chapter.objects.bulk_create(
                Chapter(video=video, start=start, title=title[:200], is_generated=True) for start, title in chapters
            )
        for comparison, differing_words in compared:
            words.store_words(comparison, differing_words)

    return save


def _replace_passages(
    video: Video,
    transcript: Transcript,
    texts: list[passages.PassageText],
    vectors: NDArray[np.float32],
    model: str,
) -> None:
    owner_id = transcript.owner_id or video.owner_id
    Passage.objects.filter(video=video, owner=owner_id).delete()
    rows = [
        Passage(
            video=video,
            owner_id=owner_id,
            transcript=transcript,
            start=text.start,
            end=text.end,
            text=text.text,
            model=model,
            vector=vector,
        )
        for text, vector in zip(texts, vectors, strict=True)
    ]
    Passage.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    index_passages(transcript)


def _clear(video: Video) -> None:
    """Remove what was made from a transcript that is gone or empty."""
    Passage.objects.filter(video=video, owner=video.owner_id).delete()
    words.forget_words(video)
    video.chapters.filter(is_generated=True).delete()
    Video.all_objects.filter(pk=video.pk).update(summary="", suggested_questions=[])


def make_summary(job: Job, heartbeat: Heartbeat) -> Save:
    """Summarise the preferred transcript and suggest questions."""
    video = job.video
    assert video  # noqa: S101 - this kind has a video
    transcript = choose_transcript(video)
    sentences = passages.split_sentences(load_cues(transcript)) if transcript else []
    try:
        result = summaries.summarise(sentences, describe_caller(video.owner_id, "SUMMARY_MODEL"), heartbeat)
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error

    def save() -> None:
        Video.all_objects.filter(pk=video.pk).update(summary=result.text, suggested_questions=result.questions)

    return save
