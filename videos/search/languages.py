"""Choose the text search configurations of PostgreSQL for languages."""

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from accounts.viewer import Viewer
from videos.models import Transcript, Video

SIMPLE = "simple"  # splits words, and neither removes endings nor stop words
CONFIGURATIONS = {  # by ISO 639-1; the configurations that PostgreSQL has since version 14
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}


def find_configuration(language: str) -> str:
    """Return the configuration for a language such as `en` or `pt-BR`, `simple` if there is none."""
    return CONFIGURATIONS.get(language.lower().partition("-")[0], SIMPLE)


def list_languages(viewer: Viewer) -> dict[str, list[str]]:
    """Return the languages of the viewer's transcripts by configuration. `simple` is always included."""
    library = Video.objects.in_library_of(viewer).order_by()
    visible = Q(owner=viewer.user) | Q(owner=None)
    rows = Transcript.objects.filter(visible, video__in=library).order_by("language").values_list("language", flat=True)
    languages: dict[str, list[str]] = {SIMPLE: []}
    for language in rows.distinct():
        languages.setdefault(find_configuration(language), []).append(language)
    return languages


def build_query(text: str, configuration: str) -> SearchQuery:
    """Return the full-text query for what a user typed: words, "phrases", OR and -exclusions. No input is an error."""
    return SearchQuery(text, config=configuration, search_type="websearch")
