"""Clean the tags of notes."""

from collections.abc import Iterable

from notes.models import MAX_TAG_LENGTH, MAX_TAGS

TOO_MANY = f"A note has at most {MAX_TAGS} tags. Remove some."
TOO_LONG = f"A tag has at most {MAX_TAG_LENGTH} characters, and no comma. Shorten it."


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags without `#`, repeated spaces, empty ones and repetitions. Raises `ValueError`."""
    cleaned = list(dict.fromkeys(filter(None, (" ".join(tag.lstrip("# ").split()) for tag in tags))))
    if len(cleaned) > MAX_TAGS:
        raise ValueError(TOO_MANY)
    if any(len(tag) > MAX_TAG_LENGTH or "," in tag or "\0" in tag for tag in cleaned):
        raise ValueError(TOO_LONG)
    return cleaned
