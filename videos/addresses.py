"""Where a page finds the media of a comparison: at the videos' own addresses, or at those of a share."""

from typing import Literal, Protocol

from django.urls import reverse

from videos.models import Comparison

Side = Literal["a", "b"]


class Addresses(Protocol):
    """Every address of media that the stage of a comparison shows."""

    def file(self, side: Side) -> str: ...

    def derived(self, side: Side, name: str) -> str:
        """`poster.jpg`, `times.f64`, `sprites.vtt` or a still, `still-00000.jpg`."""
        ...

    def picture(self, index: int, side: Side) -> str:
        """The still of the difference at `index` of the stored segments."""
        ...


class OwnAddresses:
    """For whoever may see the videos themselves."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.videos = {"a": comparison.video_a_id, "b": comparison.video_b_id}

    def file(self, side: Side) -> str:
        return reverse("api:file", args=[self.videos[side]])

    def derived(self, side: Side, name: str) -> str:
        return reverse("videos:derived", args=[self.videos[side], name])

    def picture(self, index: int, side: Side) -> str:
        return reverse("videos:picture", args=[self.comparison.pk, index, side])
