"""Define the forms of conversations."""

import uuid
from typing import Any

from django import forms

from chat.models import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH
from chat.training.models import MAX_PAIR_LENGTH, MAX_SET_TITLE_LENGTH, TrainingPair
from videos.converters import read_video_id


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


class TrainingSourcesForm(forms.Form):
    """Choose outputs, videos and a collection whose training data are copied into a set."""

    collection = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        values: Any = self.data
        try:
            outputs = [uuid.UUID(value) for value in values.getlist("outputs") if value]
        except ValueError as error:
            raise forms.ValidationError("Choose outputs of the list.") from error
        videos = [read_video_id(value) for value in values.getlist("videos") if value]
        return {**self.cleaned_data, "outputs": outputs, "videos": videos}

    def describe_sources(self) -> dict[str, Any]:
        """Return the arguments of `add_pairs`."""
        values = self.cleaned_data
        return {
            "output_ids": values["outputs"],
            "video_ids": values["videos"],
            "collection_id": values.get("collection"),
        }


class TrainingSetForm(TrainingSourcesForm):
    title = forms.CharField(max_length=MAX_SET_TITLE_LENGTH)


class TrainingPairForm(forms.Form):
    """Review or edit a pair, as it was at a version."""

    version = forms.IntegerField(min_value=1, max_value=2_147_483_647)
    status = forms.ChoiceField(choices=TrainingPair.Status.choices, required=False)
    input = forms.CharField(max_length=MAX_PAIR_LENGTH, required=False)
    output = forms.CharField(max_length=MAX_PAIR_LENGTH, required=False)

    def clean(self) -> dict[str, Any]:
        for name in ("input", "output"):
            if name in self.data and not self.cleaned_data.get(name):
                self.add_error(name, "Write a text.")
        return self.cleaned_data

    def list_changes(self) -> dict[str, str]:
        """Return the arguments of `change_pair`."""
        values = self.cleaned_data
        known = {"status": values["status"], "input": values["input"], "output_text": values["output"]}
        return {name: value.replace("\r\n", "\n") for name, value in known.items() if value}
