from videos.models.collection import Collection
from videos.models.comparison import Comparison
from videos.models.embedding import Embedding
from videos.models.job import Job
from videos.models.library_entry import LibraryEntry
from videos.models.notice import Notice
from videos.models.review import DifferenceReview
from videos.models.screen_text import ScreenText
from videos.models.share import Share
from videos.models.stack import Stack
from videos.models.transcript import Chapter, Cue, Passage, Transcript
from videos.models.upload import Upload
from videos.models.video import Video

__all__ = [
    "Chapter",
    "Collection",
    "Comparison",
    "Cue",
    "DifferenceReview",
    "Embedding",
    "Job",
    "LibraryEntry",
    "Notice",
    "Passage",
    "ScreenText",
    "Share",
    "Stack",
    "Transcript",
    "Upload",
    "Video",
]
