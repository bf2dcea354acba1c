"""What a person fills in about themselves."""

from typing import Any

from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.http import HttpRequest

from accounts.models import User
from accounts.plain import plain_name
from accounts.second_step import takes_passkeys


def name_field(**attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "name", **attrs})
    return forms.CharField(min_length=2, max_length=100, validators=[plain_name], widget=widget)


class JoinForm(forms.Form):
    """The name, which allauth puts before its own fields of the sign-up form."""

    name = name_field(autofocus=True)
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is made."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class _OwnForm(forms.ModelForm):
    """Writes what it shows and nothing else: the rest of the row may have changed meanwhile."""

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        user.save(update_fields=list(self.fields))
        return user


class NameForm(_OwnForm):
    class Meta:
        model = User
        fields = ["name"]

    name = name_field()


class ChoicesForm(_OwnForm):
    class Meta:
        model = User
        fields = ["ai_notes_enabled"]
        labels = {"ai_notes_enabled": "Let AI write a note that I leave without words"}


class PictureForm(forms.Form):
    file = forms.FileField(
        label="PNG, JPEG or WebP of at most 2 MB",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: what it is called, and whether it is enough by itself."""

    name = forms.CharField(label="What to call it", required=False, max_length=100, validators=[plain_name])
    passwordless = forms.BooleanField(label="Log in with it alone, without a password", required=False, initial=True)

    @property
    def takes_passkeys(self) -> bool:
        return takes_passkeys(context.request)


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(max_length=100, validators=[plain_name])


class ProviderKeyForm(forms.Form):
    """A key for a provider. It is never shown again, not even beside what is wrong with it."""

    key = forms.CharField(
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Paste the key first."},
    )


class TokenForm(forms.Form):
    """Where a long-term token is to be used."""

    name = forms.CharField(
        label="Where it is used",
        max_length=100,
        validators=[plain_name],
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Chrome on my laptop"}),
    )
