"""Accounts, for operators."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from accounts.models import User


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
