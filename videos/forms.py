"""What is filled in around videos."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.viewer import Viewer
from sage.fields import asked
from videos import sharing
from videos.diff.recut import LEAST, MOST
from videos.models import Collection, Comparison, Video

THRESHOLD_ASKED = f"Give a threshold from {LEAST} to {MOST}."
DAYS_ASKED = f"Give 1 to {sharing.MOST_DAYS} days."


class SeveralFiles(forms.FileField):
    """A field for one file or many."""

    class Widget(forms.ClearableFileInput):
        allow_multiple_selected = True

    widget = Widget

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        several = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(SeveralFiles, self).clean(one, initial) for one in several]


class UploadForm(forms.Form):
    """Whole files in one request, 100 MB together at most."""

    version_of = forms.ModelChoiceField(Video.objects.none(), required=False, widget=forms.HiddenInput)
    collection = forms.ModelChoiceField(Collection.objects.none(), required=False, widget=forms.HiddenInput)
    files = SeveralFiles(  # type: ignore[assignment]
        allow_empty_file=True,
        max_length=None,
        error_messages={
            "required": "Choose a video file first.",
            "invalid": "No file came with the form. Choose one, then try again.",
        },
        widget=SeveralFiles.Widget(attrs={"multiple": True, "accept": "video/*,.mkv,.mxf,.ts,.mts"}),
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "version_of").queryset = Video.objects.owned_by(viewer)
        _choices(self, "collection").queryset = Collection.objects.owned_by(viewer)


STATES = [("", "Any state"), ("ready", "Ready"), ("processing", "Being read"), ("failed", "Failed or cancelled")]


class LibraryForm(forms.Form):
    """What of the library is shown, and in which order. Nonsense is passed over, as in any address typed by hand."""

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
    def wanted(self) -> dict[str, Any]:
        """What was asked for, as far as it makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class VideoForm(forms.Form):
    """The name of a video and where it is put."""

    title = forms.CharField(max_length=300, error_messages={"required": "Give it a name."})
    collection = forms.ModelChoiceField(Collection.objects.none(), required=False, empty_label="None")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "collection").queryset = Collection.objects.owned_by(viewer)


class CollectionForm(forms.Form):
    name = forms.CharField(max_length=100, error_messages={"required": "Give the collection a name."})


def _choices(form: forms.Form, name: str) -> forms.ModelChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
    return field


class ReadyVideo(forms.ModelChoiceField):
    def to_python(self, value: Any) -> Any:
        """What is no identity at all is as unknown as one of somebody else."""
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class Threshold(forms.FloatField):
    """What distance counts as a change; empty for the calibrated one."""

    def __init__(self, **options: Any) -> None:
        said = asked(f"{THRESHOLD_ASKED[:-1]}, or leave it empty for the calibrated one.")
        super().__init__(
            required=False, min_value=LEAST, max_value=MOST, step_size=None, error_messages=said, **options
        )


class ThresholdForm(forms.Form):
    threshold = Threshold()


class ShareForm(forms.Form):
    expires_in_days = forms.IntegerField(min_value=1, max_value=sharing.MOST_DAYS, error_messages=asked(DAYS_ASKED))


class ComparisonForm(forms.Form):
    """Two of one's own videos. Any may be named; the room says why one cannot be compared."""

    a = ReadyVideo(queryset=Video.objects.none(), label="Before (A)", empty_label="Choose a video")
    b = ReadyVideo(queryset=Video.objects.none(), label="After (B)", empty_label="Choose a video")
    mode = forms.ChoiceField(
        choices=Comparison.Mode.choices, initial=Comparison.Mode.ALIGNED, required=False, label="Compare"
    )
    metric = forms.ChoiceField(
        choices=Comparison.Metric.choices,
        initial=Comparison.Metric.COSINE,
        required=False,
        label="Distance",
        help_text="Of vectors, where every 2 seconds are compared.",
    )
    threshold = Threshold(
        label="Threshold",
        help_text=f"{LEAST} to {MOST}. Empty: as the videos suggest, or "
        f"{settings.COMPARISON_INTERVAL_THRESHOLD} for every 2 seconds.",
    )
    options = ("mode", "metric", "threshold")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            field = self.fields[name]
            assert isinstance(field, ReadyVideo)  # noqa: S101 - declared above
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
        """Whether the options are to be seen at once: something was chosen among them, or is wrong."""
        return any(
            self.errors.get(name) or self[name].value() not in (None, "", self.fields[name].initial)
            for name in self.options
        )

    @property
    def option_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.options]
