"""Admin pages of users and their credentials."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import AccountJob, LongTermToken, ProviderKey, User, UserSession
from accounts.sessions import signout
from accounts.signin.notifications import notify_user
from accounts.signin.registration import complete_registration
from sage.admin import DeleteOnlyAdmin, ReadOnlyAdmin


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "is_system", "created_at", "last_login"]
    list_filter = ["is_active", "is_staff", "is_system", "created_at"]
    search_fields = ["email", "name", "id"]
    ordering = ["-created_at"]
    readonly_fields = ["id", "is_system", "created_at", "last_login", "deleted_at"]
    fieldsets = [
        (None, {"fields": ["id", "email", "name", "password"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Details", {"fields": ["is_system", "created_at", "last_login", "deleted_at"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "name", "password1", "password2"]})]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save only changed fields, because others may have changed in the meantime. Sign out a disabled user."""
        if not change:
            super().save_model(request, obj, form, change)
            complete_registration(obj)
            return
        own = {field.name for field in User._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in own])
        if "email" in form.changed_data:  # the previous address must no longer allow a login
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
            replaced = form.initial["email"]
            notify_user(obj, "account/email/email_changed", replaced, from_email=replaced, to_email=obj.email)
            signout.sign_out_everywhere(obj)
        if "is_active" in form.changed_data and not obj.is_active:
            signout.disable_user(obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only owners delete accounts. Operators disable them."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Change the password and end all sessions of the user."""
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            user = User.objects.get(pk=unquote(id))
            signout.end_sessions(user)
            notify_user(user, "account/email/password_changed")
        return response


@admin.register(UserSession)
class UserSessionAdmin(DeleteOnlyAdmin):
    """Active sessions. Deleting one signs it out. The session key is never shown, because it grants access."""

    list_display = ["user", "device", "address", "created_at", "seen_at"]
    list_filter = ["created_at", "seen_at"]
    search_fields = ["user__email", "user__name", "address"]
    list_select_related = ["user"]
    fields = ["user", "agent", "address", "created_at", "seen_at"]

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        signout.end_session(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        for session in queryset:
            signout.end_session(session)


@admin.register(LongTermToken)
class LongTermTokenAdmin(DeleteOnlyAdmin):
    """Long-term tokens. Deleting one revokes it. The digest is not shown."""

    list_display = ["user", "name", "scope", "created", "last_used_at"]
    list_filter = ["scope", "created", "last_used_at"]
    search_fields = ["user__email", "user__name", "name"]
    list_select_related = ["user"]
    fields = ["user", "name", "scope", "created", "last_used_at"]


@admin.register(ProviderKey)
class ProviderKeyAdmin(DeleteOnlyAdmin):
    """Provider keys of users. They can be deleted, but not read or changed."""

    list_display = ["user", "provider", "last_four", "is_valid", "validated_at"]
    list_filter = ["provider", "is_valid", "validated_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]
    fields = ["user", "provider", "last_four", "is_valid", "validated_at"]


# --- allauth's models, whose default admin pages show secrets and let operators edit them ---

admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken])


@admin.register(Authenticator)
class AuthenticatorAdmin(DeleteOnlyAdmin):
    """Second factors of users. Delete one to help a user who lost it."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type", "created_at", "last_used_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]
    fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(SocialAccount)
class SocialAccountAdmin(DeleteOnlyAdmin):
    """Connected Google accounts."""

    list_display = ["user", "provider", "uid", "date_joined", "last_login"]
    list_filter = ["provider", "date_joined", "last_login"]
    search_fields = ["user__email", "user__name", "uid"]
    list_select_related = ["user"]
    fields = ["user", "provider", "uid", "date_joined", "last_login"]


@admin.register(AccountJob)
class AccountJobAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "user", "status", "attempts", "created_at", "completed_at", "error"]
    list_filter = ["kind", "status", "created_at"]
    search_fields = ["id", "user__email", "error"]
    list_select_related = ["user"]
