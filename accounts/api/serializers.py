"""Serializers of accounts, logins and long-term tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.models import LongTermToken, User
from accounts.profile import details
from accounts.validators import validate_email_characters, validate_name_characters
from sage.api.fields import JsonBooleanField, JsonStringField, StrictSerializer

NAME: dict[str, Any] = {"min_length": 2, "max_length": 100, "validators": [validate_name_characters]}


class RegisterBodySerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254, validators=[validate_email_characters])
    password = JsonStringField(
        min_length=8,
        max_length=1000,
        trim_whitespace=False,
        help_text="At least 8 characters; not a common password, not only digits, not similar to the name or email.",
    )
    name = JsonStringField(**NAME)


class LoginBodySerializer(StrictSerializer):
    email = JsonStringField(max_length=1000)
    password = JsonStringField(max_length=1000, trim_whitespace=False)
    code = JsonStringField(
        required=False,
        max_length=100,
        help_text="From the authenticator app or a recovery code, with two-step verification.",
    )


class GoogleBodySerializer(StrictSerializer):
    credential = JsonStringField(max_length=8192, help_text="The ID token that Google gave the browser.")


class TokenBodySerializer(StrictSerializer):
    name = JsonStringField(
        required=False,
        max_length=100,
        validators=[validate_name_characters],
        help_text="A name by which you recognise the token.",
    )


class MeBodySerializer(StrictSerializer):
    name = JsonStringField(required=False, **NAME)
    ai_notes_enabled = JsonBooleanField(required=False)


@extend_schema_serializer(component_name="Said")
class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class JwtReadSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="A JWT, valid for 24 hours. Send it as `Authorization: Bearer …`.")


@extend_schema_serializer(component_name="TokenMade")
class TokenCreatedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    token = serializers.CharField(help_text="Shown only once; stored as a digest.")
    message = serializers.CharField()


class TokenReadSerializer(serializers.Serializer[LongTermToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField(source="created")
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="Precise to the minute.")


class UserReadSerializer(serializers.Serializer[Any]):
    """A user. Needs `request` in its context."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    profile_image_url = serializers.SerializerMethodField()

    def get_profile_image_url(self, user: User) -> str | None:
        return details.build_image_url(self.context["request"], user)


class StatusReadSerializer(serializers.Serializer[Any]):
    authenticated = serializers.BooleanField()
    user = UserReadSerializer(required=False)
    expires_at = serializers.DateTimeField(required=False, help_text="When this JWT or session expires.")


class MeReadSerializer(UserReadSerializer):
    """The signed-in user. Needs `request`, `token_exists` and `token_balance` in its context."""

    ai_notes_enabled = serializers.BooleanField()
    token_exists = serializers.SerializerMethodField(help_text="Whether you have a long-term token.")
    token_balance = serializers.SerializerMethodField(help_text="Tokens that you can spend.")
    created_at = serializers.DateTimeField()

    def get_token_exists(self, user: User) -> bool:
        return bool(self.context["token_exists"])

    def get_token_balance(self, user: User) -> int:
        return int(self.context["token_balance"])
