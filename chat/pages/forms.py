"""Define the forms of conversations."""

from typing import Any

from django import forms

from chat.models import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH


class QuestionForm(forms.Form):
    """Ask a question, in a conversation or in a new one about what is named."""

    message = forms.CharField(
        max_length=MAX_TEXT_LENGTH,
        error_messages={
            "required": "Write a question first.",
            "max_length": f"Ask in at most {MAX_TEXT_LENGTH:,} characters.",
        },
    )
    replaces = forms.UUIDField(required=False)
    video_ids = forms.CharField(required=False, max_length=4_000)
    comparison_id = forms.UUIDField(required=False)
    collection_id = forms.UUIDField(required=False)

    def clean_video_ids(self) -> list[str]:
        values: Any = self.data.getlist("video_ids") if hasattr(self.data, "getlist") else []
        return [value for value in dict.fromkeys(values) if value]


class TitleForm(forms.Form):
    title = forms.CharField(max_length=MAX_TITLE_LENGTH)
