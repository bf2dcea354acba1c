"""Who uses Sage."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

SYSTEM_EMAIL = "system@sage.invalid"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with an address and, unless it is None, a password."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

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
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField("active", default=True, help_text="Clear this instead of deleting an account.")
    is_staff = models.BooleanField("operator", default=False, help_text="May open the admin site.")
    is_system = models.BooleanField("Sage itself", default=False, editable=False)
    created_at = models.DateTimeField("joined", default=timezone.now, editable=False)

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

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()


class Answer(models.Model):
    """What a POST with an `Idempotency-Key` was answered. `asked` is a digest of the request."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_answer_once")]

    def __str__(self) -> str:
        return f"{self.status} to {self.user}"

    def keep(self, status: int, body: Any) -> None:
        """Remember what was answered; `body` is of JSON's kinds."""
        self.status, self.body = status, body
        self.save(update_fields=["status", "body"])
