"""Store the responses of idempotent requests and the calls to providers, and re-encrypt rows that hold secrets."""

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from sage.encryption import DecryptionError, decrypt, encrypt, reencrypt


class EncryptedQuerySet(models.QuerySet[Any]):
    """Rows with a field that holds ciphertext."""

    def reencrypt(self, field: str) -> tuple[int, int]:
        """Encrypt `field` of each row with the first of `FERNET_KEYS`.

        Return how many rows were encrypted and how many none of the keys decrypts.
        """
        encrypted = failed = 0
        for pk, ciphertext in self.values_list("pk", field).iterator():
            try:
                # The filter skips a row that was replaced meanwhile: it is encrypted with the first key already.
                encrypted += self.filter(pk=pk, **{field: ciphertext}).update(**{field: reencrypt(ciphertext)})
            except DecryptionError:
                failed += 1
        return encrypted, failed


class IdempotentResponse(models.Model):
    """The stored response to a POST with an `Idempotency-Key`.

    The body is encrypted, because it may hold what only its user may see, such as the link of a share.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64, db_column="asked")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    ciphertext = models.TextField(blank=True, default="", editable=False, db_column="sealed")
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    objects = EncryptedQuerySet.as_manager()

    class Meta:
        db_table = "accounts_answer"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_answer_once")]

    def __str__(self) -> str:
        return f"{self.status} to {self.user}"

    def store(self, status: int, body: Any) -> None:
        """Store the response."""
        self.status, self.ciphertext = status, encrypt(json.dumps(body, cls=JSONEncoder))
        self.save(update_fields=["status", "ciphertext"])

    @property
    def body(self) -> Any:
        """The stored body. Raises `DecryptionError` if none of the keys decrypts it."""
        return json.loads(decrypt(self.ciphertext))


class ProviderCall(models.Model):
    """A call to a provider of models, with all its tries. It records usage and no content.

    `user_id` is no foreign key, so that the records outlive a deleted account.
    """

    purpose = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    user_id = models.UUIDField(null=True, blank=True, db_index=True)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    seconds = models.FloatField()
    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    audio_seconds = models.FloatField(null=True, blank=True)
    video_seconds = models.FloatField(null=True, blank=True)
    ok = models.BooleanField("succeeded")
    error_code = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model}"
