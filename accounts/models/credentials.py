"""Provider keys and long-term tokens."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AbstractAuthToken, AuthTokenManager

from accounts.models.user import User
from sage.encryption import decrypt
from sage.models import EncryptedQuerySet
from sage.outages import tolerate_full_disk
from sage.providers.keys import Provider

USE_RECORD_INTERVAL = timedelta(minutes=1)  # between writes of `last_used_at`


class ProviderKey(models.Model):
    """A user's API key for a provider, encrypted at rest and hidden in the admin."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="provider_keys")
    provider = models.CharField(max_length=20, choices=Provider)
    sealed = models.TextField(editable=False)
    last_four = models.CharField(max_length=4)
    is_valid = models.BooleanField("accepted by the provider", default=True)
    validated_at = models.DateTimeField("checked", default=timezone.now)

    objects = EncryptedQuerySet.as_manager()

    class Meta:
        ordering = ["provider"]
        constraints = [
            models.UniqueConstraint(fields=["user", "provider"], name="accounts_one_key_a_provider"),
            models.CheckConstraint(condition=models.Q(provider__in=Provider.values), name="accounts_known_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} key of {self.user}"

    @property
    def secret(self) -> str:
        """The decrypted key, for workers that call the provider. Raises `DecryptionError`."""
        return decrypt(self.sealed)


class LongTermTokenManager(AuthTokenManager):
    """Authenticate and create long-term tokens."""

    def authenticate(self, text: str) -> "LongTermToken | None":
        """Return the token with this text if its user is active, and record its use at most once a minute."""
        now = timezone.now()
        rows = self.select_related("user").filter(user__is_active=True, user__deleted_at=None)
        token: LongTermToken | None = rows.filter(digest=hash_token(text)).first()
        if token and (token.last_used_at is None or token.last_used_at < now - USE_RECORD_INTERVAL):
            with tolerate_full_disk():
                self.filter(pk=token.pk).update(last_used_at=now)
        return token


class LongTermToken(AbstractAuthToken):
    """A token with which the browser extension creates notes, stored as a digest and valid until revoked."""

    class TokenScope(models.TextChoices):
        NOTES = "create notes"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=20, choices=TokenScope.choices, default=TokenScope.NOTES)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[LongTermTokenManager] = LongTermTokenManager()

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
