"""Tell what differs technically between two files, from the properties that the probe found.

Properties are a plain mapping: the fields of `videos.media.probe.Probe`, and `duration` in seconds and `size` in bytes
as Sage measured them. A property that one of the files lacks was not read when it was probed, so it is not compared.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

NOT_SET = "not set"
CHANNELS = {1: "mono", 2: "stereo"}


class Fact(TypedDict):
    """A property that differs, with its value on each side in words."""

    name: str
    a: str
    b: str


def compare_properties(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Fact]:
    """Return the properties of two files that differ, in the order of `LABELS`."""
    facts: list[Fact] = []
    for name, describe in _DESCRIPTIONS.items():
        if all(key in side for side in (a, b) for key in _KEYS.get(name, (name,))):
            in_a, in_b = describe(a), describe(b)
            if in_a != in_b:
                facts.append({"name": name, "a": in_a, "b": in_b})
    return facts


def name_facts(facts: Sequence[Fact]) -> list[tuple[str, str, str]]:
    """Return the label and both values of each fact, for people."""
    return [(LABELS[fact["name"]], fact["a"], fact["b"]) for fact in facts]


def _describe_resolution(file: Mapping[str, Any]) -> str:
    return f"{file['width']} × {file['height']}"


def _describe_format(file: Mapping[str, Any]) -> str:
    return f"{file['pixel_format']}, {file['bit_depth']} bits"


def _describe_audio(file: Mapping[str, Any]) -> str:
    return "; ".join(_describe_track(track) for track in file["audio"]) or "none"


def _describe_track(track: Mapping[str, Any]) -> str:
    channels = track["channels"]
    layout = CHANNELS.get(channels) or track.get("layout") or (f"{channels} channels" if channels else "")
    rate = f"{track['sample_rate']} Hz" if track["sample_rate"] else ""
    return ", ".join(filter(None, [str(track["codec"]).upper(), layout, rate, track["language"], track["title"]]))


def _describe_hdr(file: Mapping[str, Any]) -> str:
    hdr = file["hdr"]
    if not hdr:
        return "none"
    luminance, light = hdr.get("luminance"), hdr.get("light_level")
    parts = [
        f"mastered for {luminance[0]:g} to {luminance[1]:g} cd/m²" if luminance else "",
        f"MaxCLL {light[0]}, MaxFALL {light[1]}" if light else "",
    ]
    return ", ".join(filter(None, parts)) or "none"


def _describe_plain(name: str, unit: str = "") -> Callable[[Mapping[str, Any]], str]:
    def describe(file: Mapping[str, Any]) -> str:
        value = file[name]
        return NOT_SET if value in (None, "") else f"{value}{unit}"

    return describe


def _describe_number(name: str, unit: str) -> Callable[[Mapping[str, Any]], str]:
    def describe(file: Mapping[str, Any]) -> str:
        value = file[name]
        return NOT_SET if value is None else f"{value:.3f}".rstrip("0").rstrip(".") + unit

    return describe


_KEYS = {
    "resolution": ("width", "height"),
    "pixel_format": ("pixel_format", "bit_depth"),
}
_DESCRIPTIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "duration": _describe_number("duration", " s"),
    "size": lambda file: f"{file['size']:,} bytes",
    "container": _describe_plain("container"),
    "video_codec": lambda file: str(file["video_codec"]).upper(),
    "profile": _describe_plain("profile"),
    "resolution": _describe_resolution,
    "pixel_aspect": _describe_plain("pixel_aspect"),
    "rotation": _describe_plain("rotation", "°"),
    "frame_rate": _describe_number("frame_rate", " fps"),
    "scan": _describe_plain("scan"),
    "pixel_format": _describe_format,
    "primaries": _describe_plain("primaries"),
    "transfer": _describe_plain("transfer"),
    "matrix": _describe_plain("matrix"),
    "color_range": _describe_plain("color_range"),
    "hdr": _describe_hdr,
    "bit_rate": lambda file: f"{file['bit_rate'] / 1000:,.0f} kbit/s" if file["bit_rate"] else NOT_SET,
    "timecode": _describe_plain("timecode"),
    "audio": _describe_audio,
    "subtitle_tracks": _describe_plain("subtitle_tracks"),
}
LABELS = {
    "duration": "Duration",
    "size": "File size",
    "container": "Container",
    "video_codec": "Video codec",
    "profile": "Codec profile",
    "resolution": "Resolution",
    "pixel_aspect": "Pixel aspect",
    "rotation": "Rotation",
    "frame_rate": "Frame rate",
    "scan": "Scan",
    "pixel_format": "Pixel format",
    "primaries": "Primaries",
    "transfer": "Transfer",
    "matrix": "Matrix",
    "color_range": "Range",
    "hdr": "HDR metadata",
    "bit_rate": "Bit rate",
    "timecode": "Start timecode",
    "audio": "Audio",
    "subtitle_tracks": "Subtitle tracks",
}
