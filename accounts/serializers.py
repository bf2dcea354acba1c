"""What the API takes and shows around accounts: shapes only."""

from typing import Any

from rest_framework import serializers

from accounts import profile
from accounts.models import LongTermToken, User
from accounts.plain import plain_address, plain_name
from sage.fields import Closed, JsonBoolean, JsonText

NAME: dict[str, Any] = {"min_length": 2, "max_length": 100, "validators": [plain_name]}


class RegisterBody(Closed):
    email = serializers.EmailField(max_length=254, validators=[plain_address])
    password = JsonText(
        min_length=8,
        max_length=1000,
        trim_whitespace=False,
        help_text="8 characters or more; neither a common one, nor a number, nor like the name or the address.",
    )
    name = JsonText(**NAME)


class LoginBody(Closed):
    email = JsonText(max_length=1000)
    password = JsonText(max_length=1000, trim_whitespace=False)
    code = JsonText(required=False, max_length=100, help_text="Of the app or a recovery code, with a second step.")


class GoogleBody(Closed):
    credential = JsonText(max_length=8192, help_text="The ID token that Google gave the browser.")


class TokenBody(Closed):
    name = JsonText(
        required=False, max_length=100, validators=[plain_name], help_text="Where it is used, to tell tokens apart."
    )


class MeBody(Closed):
    name = JsonText(required=False, **NAME)
    ai_notes_enabled = JsonBoolean(required=False)


class Said(serializers.Serializer[Any]):
    message = serializers.CharField()


class JwtRead(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="A JWT that is good for a day, to be sent as `Authorization: Bearer …`.")


class TokenMade(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    token = serializers.CharField(help_text="Shown this once; kept as a digest.")
    message = serializers.CharField()


class TokenRead(serializers.Serializer[LongTermToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField(source="created")
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")


class UserRead(serializers.Serializer[Any]):
    """Wants the request as its context."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    profile_image_url = serializers.SerializerMethodField()

    def get_profile_image_url(self, user: User) -> str | None:
        return profile.image_url(self.context["request"], user)


class StatusRead(serializers.Serializer[Any]):
    authenticated = serializers.BooleanField()
    user = UserRead(required=False)
    expires_at = serializers.DateTimeField(required=False, help_text="When this JWT or session ends.")


class MeRead(UserRead):
    """Wants `token_exists` and `token_balance` as well."""

    ai_notes_enabled = serializers.BooleanField()
    token_exists = serializers.SerializerMethodField(help_text="Whether there is a long-term token.")
    token_balance = serializers.SerializerMethodField(help_text="Tokens that may still be spent.")
    created_at = serializers.DateTimeField()

    def get_token_exists(self, user: User) -> bool:
        return bool(self.context["token_exists"])

    def get_token_balance(self, user: User) -> int:
        return int(self.context["token_balance"])
