"""Define the forms of notes."""

from typing import Any

from django import forms

from notes.models import MAX_TEXT_LENGTH, Note
from notes.tags import clean_tags
from notes.timestamps import parse_timestamp


class TimestampFormField(forms.CharField):
    """A time as `m:ss` or `h:mm:ss`, read as seconds. None if it is empty."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_timestamp(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class NoteForm(forms.Form):
    """Write a note."""

    text = forms.CharField(
        label="Note",
        required=False,
        max_length=MAX_TEXT_LENGTH,
        help_text="Markdown.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    timestamp = TimestampFormField(label="Time", error_messages={"required": "Enter the time, such as 1:05."})
    end_timestamp = TimestampFormField(label="Until", required=False)
    tags = forms.CharField(required=False, max_length=1_500, help_text="Separated by commas.")

    def clean_text(self) -> str | None:
        return self.cleaned_data["text"] or None

    def clean_tags(self) -> list[str]:
        try:
            return clean_tags(self.cleaned_data["tags"].split(","))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    @staticmethod
    def describe(note: Note) -> dict[str, str]:
        """Return the initial values for a note."""
        return {
            "text": note.text or "",
            "timestamp": note.timestamp,
            "end_timestamp": note.end_timestamp or "",
            "tags": ", ".join(note.tags),
        }

    def list_changes(self, note: Note) -> dict[str, Any]:
        """Return the changed fields. A time that shows the same stays exact."""
        values = self.cleaned_data
        changes: dict[str, Any] = {"text": values["text"], "tags": values["tags"]}
        if values["timestamp"] != int(note.seconds):
            changes["seconds"] = values["timestamp"]
        if values["end_timestamp"] != (None if note.end_seconds is None else int(note.end_seconds)):
            changes["end_seconds"] = values["end_timestamp"]
        return changes


class ReplyForm(forms.Form):
    """Reply to a note."""

    text = forms.CharField(max_length=MAX_TEXT_LENGTH, error_messages={"required": "Write a reply first."})
    reply_to = forms.UUIDField(error_messages={"invalid": "This note was deleted."})
