"""Files made to hurt, by seed: films cut, flipped, spliced and with lying headers, and what is no film at all."""

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
class Bad:
    """`is_film` is None where the file may be read or refused, as long as that ends well."""

    name: str
    data: bytes
    is_film: bool | None = None


def film(suffix: str) -> bytes:
    codec, options, sound = FILMS[suffix]
    frames = lambda: footage.pixels("bikes", 160, 90)[:24]  # noqa: E731 - made only when nothing is cached
    return footage.clip("malformed", frames, f".{suffix}", codec=codec, options=options, sound=sound).read_bytes()


def files(seed: int, count: int, lure: Path) -> Iterator[Bad]:
    """`count` of them: what is made by hand first, in an order of the seed.

    `lure` is the good film in QuickTime, at a place that others point to.
    """
    chance = random.Random(f"malformed {seed}")
    crafted = [*_no_films(lure, chance), *_absurd()]
    chance.shuffle(crafted)
    share = min(len(crafted), count // 2 if count < 2 * len(crafted) else len(crafted))
    yield from crafted[:share]
    for number in range(count - share):
        suffix = chance.choice(sorted(FILMS))
        harm = HARMS[number % len(HARMS)]
        yield Bad(f"{number:04d}-{harm.__name__.strip('_')}.{suffix}", bytes(harm(bytearray(film(suffix)), chance)))


# --- Films that were harmed ---


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(1, len(data))]


def _flipped(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 10, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _flipped_head(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(20):
        data[chance.randrange(min(600, len(data)))] = chance.randrange(256)
    return data


def _spliced(data: bytearray, chance: random.Random) -> bytearray:
    other = film(chance.choice(sorted(FILMS)))
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def _holed(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data))
    length = chance.randrange(1, 4000)
    data[start : start + length] = bytes(length)
    return data


def _doubled(data: bytearray, chance: random.Random) -> bytearray:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:]


def _lying(data: bytearray, chance: random.Random) -> bytearray:
    """Numbers of four bytes where sizes, counts, rates and offsets stand: behind the names of boxes and chunks."""
    named = [found.end() for found in re.finditer(rb"[a-z]{3}[a-z0-9 ]|strf|LIST|RIFF", data)]
    for _ in range(chance.choice((1, 3))):
        place = (chance.choice(named) + 4 * chance.randrange(-2, 8)) if named else chance.randrange(200)
        struct.pack_into(">I", data, max(0, min(place, len(data) - 4)), chance.choice(EXTREMES))
    return data


def _fuzzed(data: bytearray, chance: random.Random) -> bytearray:
    """The identities and lengths of EBML, and whatever stands there elsewhere."""
    for _ in range(8):
        place = chance.randrange(min(len(data), 800))
        data[place] = chance.choice((0x00, 0x01, 0x7F, 0x80, 0xFF, 0xEC, 0xA3, 0x1A))
    return data


def _headless(data: bytearray, chance: random.Random) -> bytearray:
    """What stands where the index is, cut off inside it or before it."""
    place = data.find(b"moov")
    if place < 0:
        return data[chance.randrange(1, 400) :]
    return data[: place + chance.randrange(8, 300)]


HARMS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    _cut, _flipped, _flipped_head, _spliced, _holed, _doubled, _lying, _fuzzed, _headless,
)  # fmt: skip


# --- Films that claim what cannot be ---


def _absurd() -> Iterator[Bad]:
    head = b"YUV4MPEG2 W40000 H40000 F25:1 Ip A1:1 C420jpeg\nFRAME\n"
    yield Bad("wide.y4m", head + bytes(100_000), is_film=False)
    for name, at in (("in-the-track", b"tkhd"), ("in-the-sample", b"avc1")):
        data = bytearray(film("mp4"))
        place = data.find(at)
        if at == b"tkhd":
            struct.pack_into(">II", data, place + 80, 40_000 << 16, 40_000 << 16)
        else:
            struct.pack_into(">HH", data, place + 28, 40_000, 40_000)
        yield Bad(f"wide-{name}.mp4", bytes(data))
    for name, value in (("days", 0x7FFFFFFF), ("nothing", 0)):
        data = bytearray(film("mp4"))
        for box, behind in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
            struct.pack_into(">I", data, data.find(box) + behind, value)
        yield Bad(f"lasts-{name}.mp4", bytes(data))
    data = bytearray(film("mp4"))
    struct.pack_into(">II", data, data.find(b"stts") + 12, 0x7FFFFFFF, 0x7FFFFFFF)
    yield Bad("frames-without-end.mp4", bytes(data))
    data = bytearray(film("mp4"))
    struct.pack_into(">I", data, data.find(b"mdhd") + 16, 1)  # one tick a second: 24 frames over hours
    yield Bad("slow-clock.mp4", bytes(data))
    sparse = [2 * 3600.0 * number for number in range(6)]
    yield Bad("ten-hours-in-six-frames.mkv", _sparse(sparse), is_film=True)
    yield Bad("thirty-hours.mkv", _sparse([3 * number for number in sparse]), is_film=False)
    yield Bad("hours-in-a-kilobyte.mov", _again_and_again(chunks=60, seconds=6), is_film=True)
    yield Bad("days-in-a-kilobyte.mov", _again_and_again(chunks=60, seconds=60), is_film=False)


def _sparse(times: list[float]) -> bytes:
    def make(path: Path) -> None:
        footage.write(path, footage.pixels("bikes", 32, 32)[: len(times)], times=times)

    return footage.cached(f"sparse {times}", make, ".mkv").read_bytes()


def _again_and_again(chunks: int, seconds: int) -> bytes:
    """Raw pictures of one pixel, 100 to a chunk, and every chunk of them is the same few bytes: each frame decodes."""
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


# --- What is no film ---


def _no_films(lure: Path, chance: random.Random) -> Iterator[Bad]:
    for name, text in _lists(lure):
        yield Bad(f"{name}.mp4", text.encode(), is_film=False)
        yield Bad(name, text.encode(), is_film=False)
    yield Bad("elsewhere.mov", elsewhere(lure), is_film=False)
    for name, data in _others(chance):
        yield Bad(f"{name}.mp4", data, is_film=False)


def _lists(lure: Path) -> Iterator[tuple[str, str]]:
    """Scripts and playlists that FFmpeg knows, each pointing to a film that is there."""
    for where, address in (("file", f"file://{lure}"), ("path", str(lure)), ("net", "http://127.0.0.1:9/film.mp4")):
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
    yield "key.m3u8", f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://{lure}"\n#EXTINF:9,\n{lure}\n#EXT-X-ENDLIST\n'
    yield "list.txt", f"file {lure}\n"
    yield "words.txt", "This is no film.\n" * 300
    yield "page.html", f"<!doctype html><video src='{lure}'></video>"
    yield "drawing.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{lure}"/></svg>'
    yield "cues.vtt", "WEBVTT\n\n00:00.000 --> 00:09.000\nwords\n"


def elsewhere(lure: Path) -> bytes:
    """A QuickTime film whose pictures lie in another file, `lure`: its data reference is an alias of that."""
    data = bytearray(film("mov"))
    data = data.replace(b"dref\0\0\0\0\0\0\0\1\0\0\0\x0curl \0\0\0\1", b"dref\0\0\0\0\0\0\0\1\0\0\0\x0calis\0\0\0\0")
    begin, size = data.find(b"mdat") + 4, int.from_bytes(data[data.find(b"mdat") - 4 : data.find(b"mdat")], "big")
    data[begin : begin + size - 8] = bytes(size - 8)
    place = data.find(b"dref")
    path = str(lure).encode()
    alias = bytes(150) + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + b"\xff\xff\0\0"
    grown = data[: place + 12] + struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias + data[place + 24 :]
    added = len(alias)
    at = 0
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = grown.find(box, at)
        struct.pack_into(">I", grown, at - 4, int.from_bytes(grown[at - 4 : at], "big") + added)
    return bytes(grown)


def _others(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("film.mp4"), film("mp4"), zipfile.ZIP_DEFLATED)  # at no hour of today
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
    yield "noise", chance.randbytes(60_000)
    yield "program", b"\x7fELF\2\1\1" + chance.randbytes(5000)
    yield "paper.pdf", b"%PDF-1.7\n" + chance.randbytes(3000)
    yield "tar", b"film.mp4".ljust(257, b"\0") + b"ustar\0" + bytes(2000)
    yield "gzip", b"\x1f\x8b\x08\0" + chance.randbytes(3000)
    yield "box.alone", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
    yield "ebml.alone", b"\x1aE\xdf\xa3\x93B\x82\x88matroska"
    yield "riff.alone", b"RIFF\xff\xff\xff\xffAVI LIST"
