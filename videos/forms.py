"""Define the forms for videos, collections, comparisons and searches."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.viewer import Viewer
from sage.api.fields import number_messages
from videos.comparisons import sharing
from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD
from videos.models import Collection, Comparison, Video
from videos.search.filters import SearchFilters
from videos.search.registry import list_kinds
from videos.search.results import MAX_QUERY_LENGTH

THRESHOLD_HINT = f"Enter a threshold from {MIN_THRESHOLD} to {MAX_THRESHOLD}."
DAYS_HINT = f"Enter 1 to {sharing.MAX_DAYS} days."


class MultipleFileField(forms.FileField):
    """A field for one or more files."""

    class Widget(forms.ClearableFileInput):
        allow_multiple_selected = True

    widget = Widget

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(MultipleFileField, self).clean(one, initial) for one in files]


class UploadForm(forms.Form):
    """Upload whole files in one request of at most 100 MB."""

    version_of = forms.ModelChoiceField(Video.objects.none(), required=False, widget=forms.HiddenInput)
    collection = forms.ModelChoiceField(Collection.objects.none(), required=False, widget=forms.HiddenInput)
    files = MultipleFileField(  # type: ignore[assignment]
        allow_empty_file=True,
        max_length=None,
        error_messages={
            "required": "Choose a video file first.",
            "invalid": "The form contained no file. Choose a file, then try again.",
        },
        widget=MultipleFileField.Widget(attrs={"multiple": True, "accept": "video/*,.mkv,.mxf,.ts,.mts"}),
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _get_choice_field(self, "version_of").queryset = Video.objects.owned_by(viewer)
        _get_choice_field(self, "collection").queryset = Collection.objects.owned_by(viewer)


STATES = [("", "All"), ("ready", "Ready"), ("processing", "Processing"), ("failed", "Failed or cancelled")]


class LibraryForm(forms.Form):
    """Filter and sort the library. Invalid values are ignored, because users may edit the query string."""

    q = forms.CharField(required=False, max_length=200)
    sort = forms.ChoiceField(
        required=False,
        choices=[
            ("created_at_desc", "Newest first"),
            ("created_at_asc", "Oldest first"),
            ("title_asc", "Title, A to Z"),
            ("title_desc", "Title, Z to A"),
        ],
    )
    state = forms.ChoiceField(required=False, choices=STATES)
    deleted = forms.BooleanField(required=False)
    collection = forms.UUIDField(required=False)

    @property
    def filters(self) -> dict[str, Any]:
        """The valid filters that are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class SearchForm(forms.Form):
    """Search the library. The dates are days in UTC, both included."""

    q = forms.CharField(
        max_length=MAX_QUERY_LENGTH,
        error_messages={
            "required": "Enter what to search for.",
            "max_length": f"Search for at most {MAX_QUERY_LENGTH} characters.",
            "null_characters_not_allowed": "This text has characters that cannot be searched. Remove them.",
        },
    )
    kind = forms.ChoiceField(required=False, error_messages={"invalid_choice": "Choose one of the listed kinds."})
    collection = forms.UUIDField(required=False, error_messages={"invalid": "Choose one of your collections."})
    since = forms.DateField(required=False, error_messages={"invalid": "Enter the first day as YYYY-MM-DD."})
    until = forms.DateField(required=False, error_messages={"invalid": "Enter the last day as YYYY-MM-DD."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "All"), *((kind.name, kind.label) for kind in list_kinds())]

    @property
    def filters(self) -> SearchFilters:
        """The filters of a valid form."""
        values, since, until = self.cleaned_data, self.cleaned_data["since"], self.cleaned_data["until"]
        return SearchFilters(
            kind=values["kind"],
            collection_id=values["collection"],
            since=since and datetime.datetime.combine(since, datetime.time.min, datetime.UTC),
            until=until and datetime.datetime.combine(until, datetime.time.max, datetime.UTC),
        )


class VideoForm(forms.Form):
    """Edit the title and the collection of a video."""

    title = forms.CharField(max_length=300, error_messages={"required": "Enter a title."})
    collection = forms.ModelChoiceField(Collection.objects.none(), required=False, empty_label="None")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _get_choice_field(self, "collection").queryset = Collection.objects.owned_by(viewer)


class CollectionForm(forms.Form):
    """Name a collection."""

    name = forms.CharField(max_length=100, error_messages={"required": "Enter a name for the collection."})


def _get_choice_field(form: forms.Form, name: str) -> forms.ModelChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
    return field


class VideoChoiceField(forms.ModelChoiceField):
    """Choose one of the viewer's videos."""

    def to_python(self, value: Any) -> Any:
        """Report a malformed ID like the ID of another user's video."""
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class ThresholdField(forms.FloatField):
    """The distance from which a segment counts as changed. Empty for the calibrated threshold."""

    def __init__(self, **options: Any) -> None:
        messages = number_messages(f"{THRESHOLD_HINT[:-1]}, or leave it empty for automatic.")
        super().__init__(
            required=False,
            min_value=MIN_THRESHOLD,
            max_value=MAX_THRESHOLD,
            step_size=None,
            error_messages=messages,
            **options,
        )


class ThresholdForm(forms.Form):
    """Save the threshold of a comparison."""

    threshold = ThresholdField()


class ShareForm(forms.Form):
    """Set the expiry of a link, and whether its visitors may comment."""

    expires_in_days = forms.IntegerField(
        min_value=1, max_value=sharing.MAX_DAYS, error_messages=number_messages(DAYS_HINT)
    )
    allow_comments = forms.BooleanField(required=False)


class ComparisonForm(forms.Form):
    """Choose two of the viewer's videos. `create_comparison` explains why a video cannot be compared."""

    a = VideoChoiceField(queryset=Video.objects.none(), label="Before (A)", empty_label="Choose a video")
    b = VideoChoiceField(queryset=Video.objects.none(), label="After (B)", empty_label="Choose a video")
    mode = forms.ChoiceField(
        choices=Comparison.Mode.choices, initial=Comparison.Mode.ALIGNED, required=False, label="Compare"
    )
    metric = forms.ChoiceField(
        choices=Comparison.Metric.choices,
        initial=Comparison.Metric.COSINE,
        required=False,
        label="Distance",
        help_text="For comparisons every 2 seconds.",
    )
    threshold = ThresholdField(
        label="Sensitivity threshold",
        help_text=f"{MIN_THRESHOLD} to {MAX_THRESHOLD}. Lower shows more differences. Leave empty for automatic, or "
        f"{settings.COMPARISON_INTERVAL_THRESHOLD} for every 2 seconds.",
    )
    options = ("mode", "metric", "threshold")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            field = self.fields[name]
            assert isinstance(field, VideoChoiceField)  # noqa: S101 - declared above
            field.queryset = Video.objects.owned_by(viewer)
            field.error_messages["invalid_choice"] = "This video is not in your library. Choose another."
            field.error_messages["required"] = f"Choose video {name.upper()}."
        for name in ("mode", "metric"):
            choices = " or ".join(f"“{label}”" for _, label in self.fields[name].choices)  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = f"Choose {choices}."

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or Comparison.Mode.ALIGNED

    @property
    def has_options(self) -> bool:
        """Whether the options are open when the page loads, because one is set or has an error."""
        return any(
            self.errors.get(name) or self[name].value() not in (None, "", self.fields[name].initial)
            for name in self.options
        )

    @property
    def option_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.options]
