"""Define the forms of notes."""

from typing import Any

from django import forms

from notes.comparisons.share_comments import MAX_COMMENT_LENGTH, MAX_NAME_LENGTH, NewComment, clean_text
from notes.models import MAX_TEXT_LENGTH, Note
from notes.tags import clean_tags
from notes.timestamps import parse_timestamp
from sage.durations import MOST_SECONDS


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


class ComparisonNoteForm(NoteForm):
    """Write a note on one side of a comparison."""

    side = forms.ChoiceField(choices=Note.Side.choices)


class CommentForm(forms.Form):
    """Comment on a shared comparison. The time is in `seconds`, or typed as `timestamp`."""

    name = forms.CharField(max_length=MAX_NAME_LENGTH, error_messages={"required": "Enter your name."})
    text = forms.CharField(max_length=MAX_COMMENT_LENGTH, error_messages={"required": "Write a comment first."})
    side = forms.ChoiceField(choices=Note.Side.choices, required=False)
    timestamp = TimestampFormField(label="Time", required=False)
    seconds = forms.FloatField(required=False, min_value=0, max_value=MOST_SECONDS)

    def clean_name(self) -> str:
        return self._clean(self.cleaned_data["name"], "name", one_line=True)

    def clean_text(self) -> str:
        return self._clean(self.cleaned_data["text"], "text")

    def _clean(self, text: str, name: str, *, one_line: bool = False) -> str:
        cleaned = clean_text(text, one_line=one_line)
        if not cleaned:
            raise forms.ValidationError(self.fields[name].error_messages["required"])
        return cleaned

    def build_comment(self) -> NewComment:
        """Return the comment of a valid form."""
        values = self.cleaned_data
        seconds = values["timestamp"] if values["seconds"] is None else values["seconds"]
        return NewComment(values["name"], values["text"], values["side"] or None, seconds)


class ReplyForm(forms.Form):
    """Reply to a note."""

    text = forms.CharField(max_length=MAX_TEXT_LENGTH, error_messages={"required": "Write a reply first."})
    reply_to = forms.UUIDField(error_messages={"invalid": "This note was deleted."})
