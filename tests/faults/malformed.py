"""Generate malformed files from a seed: corrupted videos, extreme headers, and files that are not videos."""

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tests import footage

QUIET = {"x265-params": "log-level=none"}
FILMS = {  # suffix: codec, its options, sound
    "mp4": ("libx264", {}, True),
    "mov": ("mpeg4", {}, False),
    "mkv": ("libx265", QUIET, True),
    "webm": ("libvpx", {"deadline": "realtime"}, False),
    "avi": ("mpeg4", {}, True),
    "ts": ("libx264", {}, True),
    "flv": ("flv", {}, False),
    "mpg": ("mpeg2video", {}, False),
    "nut": ("ffv1", {}, False),
    "mxf": ("mpeg2video", {}, False),
}
EXTREMES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 40_000, 0xFFFF)


@dataclass(frozen=True)
class MalformedFile:
    """A malformed file. `is_film` is None if it may be read or refused."""

    name: str
    data: bytes
    is_film: bool | None = None


def build_film(suffix: str) -> bytes:
    codec, options, sound = FILMS[suffix]
    frames = lambda: footage.pixels("bikes", 160, 90)[:24]  # noqa: E731 - made only when nothing is cached
    return footage.clip("malformed", frames, f".{suffix}", codec=codec, options=options, sound=sound).read_bytes()


def generate_files(seed: int, count: int, target: Path) -> Iterator[MalformedFile]:
    """Yield `count` files: first the constructed ones, shuffled by the seed, then corrupted videos.

    `target` is the path of a valid QuickTime film that some files refer to.
    """
    rng = random.Random(f"malformed {seed}")
    constructed = [*_non_videos(target, rng), *_extreme_headers()]
    rng.shuffle(constructed)
    share = min(len(constructed), count // 2 if count < 2 * len(constructed) else len(constructed))
    yield from constructed[:share]
    for number in range(count - share):
        suffix = rng.choice(sorted(FILMS))
        corruption = CORRUPTIONS[number % len(CORRUPTIONS)]
        yield MalformedFile(
            f"{number:04d}-{corruption.__name__.strip('_')}.{suffix}",
            bytes(corruption(bytearray(build_film(suffix)), rng)),
        )


# --- Corrupted videos ---


def _truncate(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(1, len(data))]


def _flip_bits(data: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 10, 200))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _corrupt_head(data: bytearray, rng: random.Random) -> bytearray:
    for _ in range(20):
        data[rng.randrange(min(600, len(data)))] = rng.randrange(256)
    return data


def _splice(data: bytearray, rng: random.Random) -> bytearray:
    other = build_film(rng.choice(sorted(FILMS)))
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def _zero_range(data: bytearray, rng: random.Random) -> bytearray:
    start = rng.randrange(len(data))
    length = rng.randrange(1, 4000)
    data[start : start + length] = bytes(length)
    return data


def _repeat_range(data: bytearray, rng: random.Random) -> bytearray:
    start, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:]


def _corrupt_sizes(data: bytearray, rng: random.Random) -> bytearray:
    """Change four-byte sizes, counts, rates and offsets after the names of boxes and chunks."""
    named = [found.end() for found in re.finditer(rb"[a-z]{3}[a-z0-9 ]|strf|LIST|RIFF", data)]
    for _ in range(rng.choice((1, 3))):
        place = (rng.choice(named) + 4 * rng.randrange(-2, 8)) if named else rng.randrange(200)
        struct.pack_into(">I", data, max(0, min(place, len(data) - 4)), rng.choice(EXTREMES))
    return data


def _corrupt_ebml(data: bytearray, rng: random.Random) -> bytearray:
    """Change EBML identifiers and lengths, or random bytes in other formats."""
    for _ in range(8):
        place = rng.randrange(min(len(data), 800))
        data[place] = rng.choice((0x00, 0x01, 0x7F, 0x80, 0xFF, 0xEC, 0xA3, 0x1A))
    return data


def _cut_index(data: bytearray, rng: random.Random) -> bytearray:
    """Cut the file inside its index or before it."""
    place = data.find(b"moov")
    if place < 0:
        return data[rng.randrange(1, 400) :]
    return data[: place + rng.randrange(8, 300)]


CORRUPTIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    _truncate, _flip_bits, _corrupt_head, _splice, _zero_range, _repeat_range, _corrupt_sizes, _corrupt_ebml,
    _cut_index,
)  # fmt: skip


# --- Extreme headers ---


def _extreme_headers() -> Iterator[MalformedFile]:
    head = b"YUV4MPEG2 W40000 H40000 F25:1 Ip A1:1 C420jpeg\nFRAME\n"
    yield MalformedFile("wide.y4m", head + bytes(100_000), is_film=False)
    for name, at in (("in-the-track", b"tkhd"), ("in-the-sample", b"avc1")):
        data = bytearray(build_film("mp4"))
        place = data.find(at)
        if at == b"tkhd":
            struct.pack_into(">II", data, place + 80, 40_000 << 16, 40_000 << 16)
        else:
            struct.pack_into(">HH", data, place + 28, 40_000, 40_000)
        yield MalformedFile(f"wide-{name}.mp4", bytes(data))
    for name, value in (("days", 0x7FFFFFFF), ("nothing", 0)):
        data = bytearray(build_film("mp4"))
        for box, behind in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
            struct.pack_into(">I", data, data.find(box) + behind, value)
        yield MalformedFile(f"lasts-{name}.mp4", bytes(data))
    data = bytearray(build_film("mp4"))
    struct.pack_into(">II", data, data.find(b"stts") + 12, 0x7FFFFFFF, 0x7FFFFFFF)
    yield MalformedFile("frames-without-end.mp4", bytes(data))
    data = bytearray(build_film("mp4"))
    struct.pack_into(">I", data, data.find(b"mdhd") + 16, 1)  # one tick a second: 24 frames over hours
    yield MalformedFile("slow-clock.mp4", bytes(data))
    sparse = [2 * 3600.0 * number for number in range(6)]
    yield MalformedFile("ten-hours-in-six-frames.mkv", _sparse(sparse), is_film=True)
    yield MalformedFile("thirty-hours.mkv", _sparse([3 * number for number in sparse]), is_film=False)
    yield MalformedFile("hours-in-a-kilobyte.mov", _shared_chunks(chunks=60, seconds=6), is_film=True)
    yield MalformedFile("days-in-a-kilobyte.mov", _shared_chunks(chunks=60, seconds=60), is_film=False)


def _sparse(times: list[float]) -> bytes:
    def make(path: Path) -> None:
        footage.write(path, footage.pixels("bikes", 32, 32)[: len(times)], times=times)

    return footage.cached(f"sparse {times}", make, ".mkv").read_bytes()


def _shared_chunks(chunks: int, seconds: int) -> bytes:
    """Return raw video of one pixel whose chunks all point to the same bytes, 100 frames per chunk."""
    each = 100
    frames, shape = chunks * each, struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    lasts = struct.pack(">II", 1, frames * seconds)  # ticks a second, ticks

    def box(kind: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I4s", 8 + len(body), kind) + body

    def full(kind: bytes, *parts: bytes) -> bytes:
        return box(kind, bytes(4), *parts)

    def words(*values: int) -> bytes:
        return struct.pack(f">{len(values)}I", *values)

    def head(offset: int) -> bytes:
        looks = struct.pack(">HHIIIH32xHh", 1, 1, 72 << 16, 72 << 16, 0, 1, 24, -1)
        entry = box(b"raw ", bytes(6), b"\0\1", bytes(16), looks)
        table = box(
            b"stbl",
            full(b"stsd", words(1), entry),
            full(b"stts", words(1, frames, seconds)),
            full(b"stsc", words(1, 1, each, 1)),
            full(b"stsz", words(3, frames)),
            full(b"stco", words(chunks), words(offset) * chunks),
        )
        where = box(b"dinf", full(b"dref", words(1), box(b"url ", words(1))))
        media = full(b"mdhd", bytes(8), lasts, bytes(4)) + full(b"hdlr", b"mhlrvide", bytes(13))
        media += box(b"minf", full(b"vmhd", bytes(8)), where, table)
        track = box(b"tkhd", words(7, 0, 0, 1, 0, frames * seconds), bytes(16), shape, words(1 << 16, 1 << 16))
        film_head = full(b"mvhd", bytes(8), lasts, words(1 << 16), b"\1", bytes(11), shape, bytes(24), words(2))
        moov = box(b"moov", film_head, box(b"trak", track, box(b"mdia", media)))
        return box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + moov

    return head(len(head(0)) + 8) + box(b"mdat", bytes(range(100)) * 3)


# --- Files that are not videos ---


def _non_videos(target: Path, rng: random.Random) -> Iterator[MalformedFile]:
    for name, text in _playlists(target):
        yield MalformedFile(f"{name}.mp4", text.encode(), is_film=False)
        yield MalformedFile(name, text.encode(), is_film=False)
    yield MalformedFile("elsewhere.mov", build_film_with_external_data(target), is_film=False)
    for name, data in _other_formats(rng):
        yield MalformedFile(f"{name}.mp4", data, is_film=False)


def _playlists(target: Path) -> Iterator[tuple[str, str]]:
    """Yield names and texts of scripts and playlists that FFmpeg supports and that refer to an existing film."""
    for where, address in (("file", f"file://{target}"), ("path", str(target)), ("net", "http://127.0.0.1:9/film.mp4")):
        yield f"{where}.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n"
        yield f"{where}.ffconcat", f"ffconcat version 1.0\nfile '{address}'\n"
        yield (
            f"{where}.mpd",
            (
                '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
                'mediaPresentationDuration="PT9S" profiles="urn:mpeg:dash:profile:full:2011"><Period><AdaptationSet '
                f'mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{address}</BaseURL>'
                "</Representation>"
                "</AdaptationSet></Period></MPD>"
            ),
        )
        yield f"{where}.asx", f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>'
        yield f"{where}.pls", f"[playlist]\nFile1={address}\nNumberOfEntries=1\n"
    yield "stream.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
    yield (
        "key.m3u8",
        f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://{target}"\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n',
    )
    yield "list.txt", f"file {target}\n"
    yield "words.txt", "This is not a video.\n" * 300
    yield "page.html", f"<!doctype html><video src='{target}'></video>"
    yield "drawing.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{target}"/></svg>'
    yield "cues.vtt", "WEBVTT\n\n00:00.000 --> 00:09.000\nwords\n"


def build_film_with_external_data(target: Path) -> bytes:
    """Return a QuickTime film whose data reference is an alias to another file, `target`."""
    data = bytearray(build_film("mov"))
    data = data.replace(b"dref\0\0\0\0\0\0\0\1\0\0\0\x0curl \0\0\0\1", b"dref\0\0\0\0\0\0\0\1\0\0\0\x0calis\0\0\0\0")
    begin, size = data.find(b"mdat") + 4, int.from_bytes(data[data.find(b"mdat") - 4 : data.find(b"mdat")], "big")
    data[begin : begin + size - 8] = bytes(size - 8)
    place = data.find(b"dref")
    path = str(target).encode()
    alias = bytes(150) + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + b"\xff\xff\0\0"
    grown = data[: place + 12] + struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias + data[place + 24 :]
    added = len(alias)
    at = 0
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = grown.find(box, at)
        struct.pack_into(">I", grown, at - 4, int.from_bytes(grown[at - 4 : at], "big") + added)
    return bytes(grown)


def _other_formats(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("film.mp4"), build_film("mp4"), zipfile.ZIP_DEFLATED)  # a fixed date
    yield "archive.zip", packed.getvalue()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr(zipfile.ZipInfo("zeros"), bytes(50_000_000), zipfile.ZIP_DEFLATED)
    yield "bomb.zip", bomb.getvalue()
    pixels = np.asarray(footage.pixels("bikes", 160, 90)[0])
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        picture = io.BytesIO()
        Image.fromarray(pixels).save(picture, kind)
        yield f"picture.{kind.lower()}", picture.getvalue()
    yield "one.byte", b"\0"
    yield "zeros", bytes(60_000)
    yield "noise", rng.randbytes(60_000)
    yield "program", b"\x7fELF\2\1\1" + rng.randbytes(5000)
    yield "paper.pdf", b"%PDF-1.7\n" + rng.randbytes(3000)
    yield "tar", b"film.mp4".ljust(257, b"\0") + b"ustar\0" + bytes(2000)
    yield "gzip", b"\x1f\x8b\x08\0" + rng.randbytes(3000)
    yield "box.alone", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
    yield "ebml.alone", b"\x1aE\xdf\xa3\x93B\x82\x88matroska"
    yield "riff.alone", b"RIFF\xff\xff\xff\xffAVI LIST"
