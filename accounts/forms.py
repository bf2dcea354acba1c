"""Forms of the account pages."""

from typing import Any

from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import User
from accounts.signin.mfa import supports_passkeys
from accounts.validators import validate_name_characters


def build_name_field(**attrs: Any) -> forms.CharField:
    """Return the form field for a user's name."""
    widget = forms.TextInput(attrs={"autocomplete": "name", **attrs})
    return forms.CharField(min_length=2, max_length=100, validators=[validate_name_characters], widget=widget)


class SignupForm(forms.Form):
    """The name field of the sign-up form. allauth adds its own fields."""

    name = build_name_field(autofocus=True)
    field_order = ["name", "email", "password1"]
    password_hash = ""

    def hash_password(self) -> None:
        """Replace the password by its hash. Call it before a transaction, which would keep a connection meanwhile."""
        if password := self.cleaned_data.pop("password1", None):
            self.password_hash = make_password(password)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Save the name. allauth calls this after it has created the user."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class UserFieldsForm(forms.ModelForm):
    """Save only the fields of the form, because other fields may have changed in the meantime."""

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        user.save(update_fields=list(self.fields))
        return user


class NameForm(UserFieldsForm):
    """Change the name."""

    class Meta:
        model = User
        fields = ["name"]

    name = build_name_field()


class PreferencesForm(UserFieldsForm):
    """Change the preferences."""

    class Meta:
        model = User
        fields = ["pauses_for_notes", "note_offset_seconds", "ai_notes_enabled"]
        labels = {
            "pauses_for_notes": "Pause when I take a note",
            "note_offset_seconds": "Start notes earlier by, seconds",
            "ai_notes_enabled": "Fill empty notes with AI",
        }


class PictureForm(forms.Form):
    """Upload a profile picture."""

    file = forms.FileField(
        label="PNG, JPEG or WebP, up to 2 MB",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


class PasskeyForm(AddWebAuthnForm):
    """Add a passkey, optionally for log-in without a password."""

    name = forms.CharField(label="Passkey name", required=False, max_length=100, validators=[validate_name_characters])
    passwordless = forms.BooleanField(label="Log in with this passkey without a password", required=False, initial=True)

    @property
    def supports_passkeys(self) -> bool:
        """Return whether browsers offer passkeys for this host."""
        return supports_passkeys(context.request)


class PasskeyNameForm(EditWebAuthnForm):
    """Rename a passkey."""

    name = forms.CharField(max_length=100, validators=[validate_name_characters])


class ProviderKeyForm(forms.Form):
    """Enter an API key. The form never shows it again, not even with an error."""

    key = forms.CharField(
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a key."},
    )


class TokenForm(forms.Form):
    """Create a long-term token."""

    name = forms.CharField(
        label="Token name",
        max_length=100,
        validators=[validate_name_characters],
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Chrome on my laptop"}),
    )
