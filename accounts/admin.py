"""Accounts, for operators."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

from accounts.models import Answer, ProviderKey, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "is_system", "created_at", "last_login"]
    list_filter = ["is_active", "is_staff", "is_system", "created_at"]
    search_fields = ["email", "name", "id"]
    ordering = ["-created_at"]
    readonly_fields = ["id", "is_system", "created_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["id", "email", "name", "password"]}),
        ("May", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Known", {"fields": ["is_system", "created_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "name", "password1", "password2"]})]


@admin.register(Answer)
class AnswerAdmin(admin.ModelAdmin):
    """What was answered to requests that name a key; looked at, not changed."""

    list_display = ["user", "key", "status", "created_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["key", "user__email"]
    list_select_related = ["user"]
    readonly_fields = ["user", "key", "asked", "status", "body", "created_at"]


@admin.register(ProviderKey)
class ProviderKeyAdmin(admin.ModelAdmin):
    """Who keeps a key for which provider; it can be taken away, and neither read nor written."""

    list_display = ["user", "provider", "last_four", "is_valid", "validated_at"]
    list_filter = ["provider", "is_valid", "validated_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]
    readonly_fields = ["user", "provider", "last_four", "is_valid", "validated_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
