"""Choose the model of the clip vectors. The web process imports this module."""

import uuid

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.credentials.provider_keys import find_valid_key
from accounts.models import User
from sage.providers.keys import find_provider
from videos.fingerprint.version import PERCEPTUAL_MODEL
from videos.models.embedding import CLIP_INDEXES

SETTING = "CLIP_VECTOR_MODEL"
LOCAL = f"perceptual:{PERCEPTUAL_MODEL}"
HOSTED = tuple(CLIP_INDEXES)


def check_setting() -> None:
    """Raise `ImproperlyConfigured` if the setting names an unknown model."""
    if settings.CLIP_VECTOR_MODEL not in (LOCAL, *HOSTED):
        raise ImproperlyConfigured(f"CLIP_VECTOR_MODEL must be one of these: {', '.join((LOCAL, *HOSTED))}.")


def get_configured_model() -> str:
    """Return the name that rows of `Embedding` have for the configured model."""
    return PERCEPTUAL_MODEL if find_provider(SETTING) is None else str(settings.CLIP_VECTOR_MODEL)


def find_hosted_model(user_id: uuid.UUID) -> str:
    """Return the hosted model that embeds the videos of a user. Empty if the local one does.

    A hosted model needs the user's own valid key or the key of the site. The system user's videos stay local.
    """
    provider = find_provider(SETTING)
    if provider is None:
        return ""
    has_key = getattr(settings, f"{provider.name}_API_KEY") or find_valid_key(user_id, provider)
    if not has_key or User.objects.filter(pk=user_id, is_system=True).exists():
        return ""
    return get_configured_model()
