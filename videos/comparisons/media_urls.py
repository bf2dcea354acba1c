"""Build the URLs of the media on the page of a comparison."""

from typing import Literal, Protocol

from django.urls import reverse

from videos.models import Comparison

Side = Literal["a", "b"]


class MediaUrls(Protocol):
    """The URLs of all media on the page of a comparison."""

    def file_url(self, side: Side) -> str:
        """Return the URL of the video file of one side."""
        ...

    def derived_url(self, side: Side, name: str) -> str:
        """Return the URL of `poster.jpg`, `times.f64`, `sprites.vtt` or a still such as `still-00000.jpg`."""
        ...

    def picture_url(self, index: int, side: Side) -> str:
        """Return the URL of the picture of the stored segment at `index`."""
        ...


class OwnerMediaUrls:
    """URLs for users who may open the videos."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.videos = {"a": comparison.video_a_id, "b": comparison.video_b_id}

    def file_url(self, side: Side) -> str:
        return reverse("api:file", args=[self.videos[side]])

    def derived_url(self, side: Side, name: str) -> str:
        return reverse("videos:derived", args=[self.videos[side], name])

    def picture_url(self, index: int, side: Side) -> str:
        return reverse("videos:picture", args=[self.comparison.pk, index, side])
