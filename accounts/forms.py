"""What a person fills in to join."""

from django import forms
from django.http import HttpRequest

from accounts.models import User


class NameForm(forms.Form):
    """The name, which allauth puts before its own fields of the sign-up form."""

    name = forms.CharField(
        min_length=2, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is made."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ["name"]

    name = forms.CharField(min_length=2, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class ProviderKeyForm(forms.Form):
    """A key for a provider. It is never shown again, not even beside what is wrong with it."""

    key = forms.CharField(
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Paste the key first."},
    )
