"""Videos with transcripts and passages, for tests of search."""

from collections.abc import Sequence

from accounts.models import User
from sage.providers import registry
from videos.models import Cue, Passage, Transcript, Video
from videos.search.indexing import index_passages

CUE_SECONDS = 5.0


def create_video(owner: User, title: str, **facts) -> Video:
    """Create a ready video of ten minutes without files."""
    known = {"filename": "a.mp4", "size": 1, "storage_key": f"videos/{title}", "status": "ready", "duration": 600.0}
    return Video.objects.create(owner=owner, title=title, **{**known, **facts})


def add_passages(video: Video, passages: Sequence[Sequence[str]], language: str = "en", embed: bool = True) -> None:
    """Add a transcript with one passage for each list of lines. Each line is a cue of 5 s."""
    transcript = Transcript.objects.create(video=video, source="uploaded", language=language)
    number = 0
    for lines in passages:
        start = number * CUE_SECONDS
        for line in lines:
            begin = number * CUE_SECONDS
            Cue.objects.create(transcript=transcript, start=begin, end=begin + CUE_SECONDS, text=line)
            number += 1
        text, end = " ".join(lines), number * CUE_SECONDS
        known = {"model": "", "vector": None}
        if embed:
            embedder = registry.choose_text_embedder()
            known = {"model": embedder.model, "vector": embedder.embed([text])[0]}
        Passage.objects.create(
            video=video, owner=video.owner, transcript=transcript, start=start, end=end, text=text, **known
        )
    index_passages(transcript)
