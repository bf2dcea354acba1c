"""Records of user sessions."""

import uuid

from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from accounts.models.user import User
from accounts.sessions.user_agent import describe_device


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    """Queries for session records."""

    def active_for(self, user: User) -> "UserSessionQuerySet":
        """Return the active sessions of a user, last used first."""
        active = Session.objects.filter(session_key=models.OuterRef("session_key"), expire_date__gt=timezone.now())
        return self.filter(models.Exists(active), user=user).order_by("-seen_at", "-pk")

    def expired(self) -> "UserSessionQuerySet":
        """Return records whose session no longer exists."""
        return self.filter(~models.Exists(Session.objects.filter(session_key=models.OuterRef("session_key"))))


class UserSession(models.Model):
    """The device, address and last use of a session, as shown to its user."""

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
        """The device in a few words."""
        return describe_device(self.agent)
