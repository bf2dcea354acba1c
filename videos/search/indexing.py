"""Write the full-text index of passages."""

from django.contrib.postgres.search import SearchVector

from videos.models import Passage, Transcript

CONFIGURATIONS = {  # by ISO 639-1: the text search configurations that PostgreSQL brings
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def index_passages(transcript: Transcript) -> None:
    """Index the passages of a transcript in its language."""
    configuration = CONFIGURATIONS.get(transcript.language, "simple")
    Passage.objects.filter(transcript=transcript).update(search=SearchVector("text", config=configuration))
