"""Accounts, for operators."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import leaving
from accounts.joining import welcome
from accounts.models import Answer, LongTermToken, ProviderKey, User, UserSession
from sage.admin import ReadOnly, TakenAwayOnly


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "is_system", "created_at", "last_login"]
    list_filter = ["is_active", "is_staff", "is_system", "created_at"]
    search_fields = ["email", "name", "id"]
    ordering = ["-created_at"]
    readonly_fields = ["id", "is_system", "created_at", "last_login", "deleted_at"]
    fieldsets = [
        (None, {"fields": ["id", "email", "name", "password"]}),
        ("May", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Known", {"fields": ["is_system", "created_at", "last_login", "deleted_at"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "name", "password1", "password2"]})]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Write what was changed, and nothing that may have changed meanwhile; who is disabled is out at once."""
        if not change:
            super().save_model(request, obj, form, change)
            welcome(obj)
            return
        own = {field.name for field in User._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in own])
        if "email" in form.changed_data:  # the one before lets nobody in any more
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
            leaving.sign_out_everywhere(obj)
        if "is_active" in form.changed_data and not obj.is_active:
            leaving.disable(obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """It goes by its owner's wish, with all that is theirs; an operator disables it."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Whoever was signed in by the password before is out."""
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            leaving.end_sessions(User.objects.get(pk=unquote(id)))
        return answer


@admin.register(Answer)
class AnswerAdmin(ReadOnly):
    """Which requests that name a key were answered; what with, is their sender's alone."""

    list_display = ["user", "key", "status", "created_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["key", "user__email"]
    list_select_related = ["user"]
    fields = ["user", "key", "asked", "status", "created_at"]


@admin.register(UserSession)
class UserSessionAdmin(TakenAwayOnly):
    """Who is signed in from where; to delete one signs it out. Its key is never shown, since whoever has it is in."""

    list_display = ["user", "device", "address", "created_at", "seen_at"]
    list_filter = ["created_at", "seen_at"]
    search_fields = ["user__email", "user__name", "address"]
    list_select_related = ["user"]
    fields = ["user", "agent", "address", "created_at", "seen_at"]

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        leaving.sign_out(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        for session in queryset:
            leaving.sign_out(session)


@admin.register(LongTermToken)
class LongTermTokenAdmin(TakenAwayOnly):
    """Who keeps which token; to delete one revokes it. What is kept is a digest, and that is not shown either."""

    list_display = ["user", "name", "scope", "created", "last_used_at"]
    list_filter = ["scope", "created", "last_used_at"]
    search_fields = ["user__email", "user__name", "name"]
    list_select_related = ["user"]
    fields = ["user", "name", "scope", "created", "last_used_at"]


@admin.register(ProviderKey)
class ProviderKeyAdmin(TakenAwayOnly):
    """Who keeps a key for which provider; it can be taken away, and neither read nor written."""

    list_display = ["user", "provider", "last_four", "is_valid", "validated_at"]
    list_filter = ["provider", "is_valid", "validated_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]
    fields = ["user", "provider", "last_four", "is_valid", "validated_at"]


# --- What allauth keeps: its own pages show secrets, and let them be changed ---

admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken])


@admin.register(Authenticator)
class AuthenticatorAdmin(TakenAwayOnly):
    """Who has which second step; to take one away helps who has lost it."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type", "created_at", "last_used_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]
    fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(SocialAccount)
class SocialAccountAdmin(TakenAwayOnly):
    """Who signs in with Google."""

    list_display = ["user", "provider", "uid", "date_joined", "last_login"]
    list_filter = ["provider", "date_joined", "last_login"]
    search_fields = ["user__email", "user__name", "uid"]
    list_select_related = ["user"]
    fields = ["user", "provider", "uid", "date_joined", "last_login"]
