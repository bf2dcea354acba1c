"""Who uses Sage."""

import json
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from knox.crypto import hash_token
from knox.models import AbstractAuthToken, AuthTokenManager
from rest_framework.utils.encoders import JSONEncoder

from accounts.devices import device_of
from accounts.plain import plain_address, plain_name
from sage.providers.checking import Provider
from sage.sealing import Unreadable, reseal, seal, unseal

SYSTEM_EMAIL = "system@sage.invalid"
USED_EVERY = timedelta(minutes=1)  # of a token; so that a busy client costs no write a request


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """All of it in small letters, as allauth looks for it."""
        return super().normalize_email(email).lower()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with an address and, unless it is None, a password."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An operator, with an account; for everybody else `accounts.joining` opens one."""
        from billing import ledger  # models of both apps are there only now

        with transaction.atomic():
            user = self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})
            ledger.open_account(user.pk)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def system(self) -> "User":
        """The owner of what Sage itself brings, such as the comparison on the front page. It cannot sign in."""
        user, _ = self.get_or_create(
            email=SYSTEM_EMAIL, defaults={"name": "Sage", "is_system": True, "is_active": False, "password": "!"}
        )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an address; the one system user is the exception (`is_system`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True, validators=[plain_address])
    name = models.CharField(max_length=100, validators=[plain_name])
    is_active = models.BooleanField("active", default=True, help_text="Clear this instead of deleting an account.")
    is_staff = models.BooleanField("operator", default=False, help_text="May open the admin site.")
    is_system = models.BooleanField("Sage itself", default=False, editable=False)
    created_at = models.DateTimeField("joined", default=timezone.now, editable=False)
    # What was given out to this person before counts only while the epoch is the same: sessions, JWTs.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    ai_notes_enabled = models.BooleanField("AI notes", default=True, help_text="A note without words is written by AI.")
    # Keys of the storage: the picture as Sage drew it, and one that was sent and is still to be drawn.
    picture = models.CharField(max_length=200, blank=True, editable=False)
    picture_sent = models.CharField(max_length=200, blank=True, editable=False)
    picture_error = models.CharField(max_length=200, blank=True, editable=False)
    # When they asked for their account to go; it goes after a grace.
    deleted_at = models.DateTimeField("deletion asked for", null=True, blank=True, editable=False, db_index=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_any_case",
                violation_error_message="An account with this email address exists already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email)

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def picture_url(self) -> str:
        """The path of this person's picture; empty while they have none. It cannot be guessed, and never changes."""
        return f"/{self.picture}" if self.picture else ""

    def set_password(self, raw_password: str | None) -> None:
        """Another password than before ends what was begun with that one; the caller saves the row."""
        is_same = self._state.adding or (raw_password is not None and check_password(raw_password, self.password))
        super().set_password(raw_password)
        if not is_same:
            self.epoch += 1

    def set_unusable_password(self) -> None:
        """The same where there is to be none."""
        super().set_unusable_password()
        if not self._state.adding:
            self.epoch += 1

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What Django compares each session with: password and epoch, so that a new epoch ends every session."""
        value = f"{self.password}${self.epoch}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def of(self, user: User) -> "UserSessionQuerySet":
        """Those of one person that still live, the last seen first."""
        alive = Session.objects.filter(session_key=models.OuterRef("session_key"), expire_date__gt=timezone.now())
        return self.filter(models.Exists(alive), user=user).order_by("-seen_at", "-pk")

    def outlived(self) -> "UserSessionQuerySet":
        """Those whose session is gone."""
        return self.filter(~models.Exists(Session.objects.filter(session_key=models.OuterRef("session_key"))))


class UserSession(models.Model):
    """What a person is shown of one of their sessions: which device, from where, when it was last seen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = UserSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} on {self.device}"

    @property
    def device(self) -> str:
        return device_of(self.agent)


class SealedQuerySet(models.QuerySet[Any]):
    """Of rows that keep something `sealed`."""

    def reseal(self) -> tuple[int, int]:
        """Seal each with the first of `FERNET_KEYS`: how many now are, and how many none of the keys opens."""
        done = lost = 0
        for pk, sealed in self.values_list("pk", "sealed").iterator():
            try:
                # One that was replaced or removed meanwhile needs it no more: what is sealed now, the first key seals.
                done += self.filter(pk=pk, sealed=sealed).update(sealed=reseal(sealed))
            except Unreadable:
                lost += 1
        return done, lost


class ProviderKey(models.Model):
    """A person's own key for a provider: sealed, so that neither the database nor the admin shows it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="provider_keys")
    provider = models.CharField(max_length=20, choices=Provider)
    sealed = models.TextField(editable=False)
    last_four = models.CharField(max_length=4)
    is_valid = models.BooleanField("taken by the provider", default=True)
    validated_at = models.DateTimeField("checked", default=timezone.now)

    objects = SealedQuerySet.as_manager()

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
        """The key itself, for the worker that asks the provider. Raises `Unreadable`."""
        return unseal(self.sealed)


class Answer(models.Model):
    """What a POST with an `Idempotency-Key` was answered. `asked` is a digest of the request.

    The answer lies sealed, since it may hold what is shown to nobody else: the link of a share, say.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    sealed = models.TextField(blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_answer_once")]

    def __str__(self) -> str:
        return f"{self.status} to {self.user}"

    def keep(self, status: int, body: Any) -> None:
        """Remember what was answered."""
        self.status, self.sealed = status, seal(json.dumps(body, cls=JSONEncoder))
        self.save(update_fields=["status", "sealed"])

    @property
    def body(self) -> Any:
        """What `keep` was given. Raises `Unreadable`."""
        return json.loads(unseal(self.sealed))


class LongTermTokens(AuthTokenManager):
    def used(self, text: str) -> "LongTermToken | None":
        """The token of this text, with its user, where both are good; that it was used is noted to the minute."""
        now = timezone.now()
        rows = self.select_related("user").filter(user__is_active=True, user__deleted_at=None)
        token: LongTermToken | None = rows.filter(digest=hash_token(text)).first()
        if token and (token.last_used_at is None or token.last_used_at < now - USED_EVERY):
            self.filter(pk=token.pk).update(last_used_at=now)
        return token


class LongTermToken(AbstractAuthToken):
    """What the browser extension keeps to create notes by, as its digest. It lives until it is revoked."""

    class Scope(models.TextChoices):
        NOTES = "create notes"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=20, choices=Scope.choices, default=Scope.NOTES)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[LongTermTokens] = LongTermTokens()

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
