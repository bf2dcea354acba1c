"""Models of users, their sessions and their credentials."""

from accounts.jobs import AccountJob
from accounts.models.credentials import LongTermToken, ProviderKey
from accounts.models.session import UserSession
from accounts.models.user import SYSTEM_EMAIL, User

__all__ = ["SYSTEM_EMAIL", "AccountJob", "LongTermToken", "ProviderKey", "User", "UserSession"]
