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
