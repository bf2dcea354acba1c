"""The user model."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.validators import validate_email_characters, validate_name_characters

SYSTEM_EMAIL = "system@sage.invalid"
MAX_NOTE_OFFSET_SECONDS = 60


class UserManager(BaseUserManager["User"]):
    """Create and find users by email address."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the whole address in lower case, as allauth looks it up."""
        return super().normalize_email(email).lower()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user, with an unusable password if `password` is None."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator with a billing account. Other users get theirs from `accounts.signin.registration`."""
        from billing import ledger  # both apps' models are loaded by now

        with transaction.atomic():
            user = self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})
            ledger.open_account(user.pk)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by email address in any case."""
        return self.get(email__iexact=username)

    def system(self) -> "User":
        """Return the system user, which owns Sage's own content such as the demo comparison. It cannot log in."""
        user, _ = self.get_or_create(
            email=SYSTEM_EMAIL, defaults={"name": "Sage", "is_system": True, "is_active": False, "password": "!"}
        )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A user who logs in with an email address. The system user (`is_system`) cannot log in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True, validators=[validate_email_characters])
    name = models.CharField(max_length=100, validators=[validate_name_characters])
    is_active = models.BooleanField("active", default=True, help_text="Clear this to disable the account.")
    is_staff = models.BooleanField("operator", default=False, help_text="Can open the admin site.")
    is_system = models.BooleanField("system user", default=False, editable=False)
    created_at = models.DateTimeField("joined", default=timezone.now, editable=False)
    # Sessions and JWTs are valid only while the epoch is the one they were issued with.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    ai_notes_enabled = models.BooleanField("AI notes", default=True, help_text="Fill empty notes with AI.")
    pauses_for_notes = models.BooleanField("pause when I take a note", default=True)
    note_offset_seconds = models.PositiveSmallIntegerField(
        "start notes earlier",
        default=0,
        validators=[MaxValueValidator(MAX_NOTE_OFFSET_SECONDS)],
        help_text=f"Seconds by which a note starts before you press N, from 0 to {MAX_NOTE_OFFSET_SECONDS}.",
    )
    # Storage keys of the rendered picture and of an uploaded picture that is not rendered yet.
    picture = models.CharField(max_length=200, blank=True, editable=False)
    picture_sent = models.CharField(max_length=200, blank=True, editable=False)
    picture_error = models.CharField(max_length=200, blank=True, editable=False)
    # When the user requested the deletion. The account is removed after the grace period.
    deleted_at = models.DateTimeField("deletion requested", null=True, blank=True, editable=False, db_index=True)

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
                violation_error_message="An account with this email address already exists.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Normalise the email address."""
        super().clean()
        self.email = User.objects.normalize_email(self.email)

    @property
    def initials(self) -> str:
        """One or two letters for the default picture."""
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def picture_url(self) -> str:
        """The path of the profile picture, or an empty string. It cannot be guessed and never changes its content."""
        return f"/{self.picture}" if self.picture else ""

    def set_password(self, raw_password: str | None) -> None:
        """Set the password. A new password raises the epoch, which ends sessions and JWTs. The caller saves the row."""
        is_same = self._state.adding or (raw_password is not None and check_password(raw_password, self.password))
        super().set_password(raw_password)
        if not is_same:
            self.epoch += 1

    def set_unusable_password(self) -> None:
        """Remove the password and raise the epoch."""
        super().set_unusable_password()
        if not self._state.adding:
            self.epoch += 1

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return the hash that Django compares with each session. It depends on password and epoch."""
        value = f"{self.password}${self.epoch}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()
