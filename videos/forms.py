"""What is filled in around videos."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.viewer import Viewer
from videos.models import Video


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

    files = SeveralFiles(  # type: ignore[assignment]
        allow_empty_file=True,
        max_length=None,
        error_messages={
            "required": "Choose a video file first.",
            "invalid": "No file came with the form. Choose one, then try again.",
        },
        widget=SeveralFiles.Widget(attrs={"multiple": True, "accept": "video/*,.mkv,.mxf,.ts,.mts"}),
    )


class ReadyVideo(forms.ModelChoiceField):
    def to_python(self, value: Any) -> Any:
        """What is no identity at all is as unknown as one of somebody else."""
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class ComparisonForm(forms.Form):
    """Two of one's own videos. Any may be named; the room says why one cannot be compared."""

    a = ReadyVideo(queryset=Video.objects.none(), label="Before (A)", empty_label="Choose a video")
    b = ReadyVideo(queryset=Video.objects.none(), label="After (B)", empty_label="Choose a video")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            field = self.fields[name]
            assert isinstance(field, ReadyVideo)  # noqa: S101 - declared above
            field.queryset = Video.objects.owned_by(viewer)
            field.error_messages["invalid_choice"] = "This video is not in your library. Choose another."
