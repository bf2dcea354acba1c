"""Decode the default audio track for speech recognition."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from videos.media.audio import find_default_audio
from videos.media.demux import MAX_DURATION_SECONDS, find_video_stream, open_container
from videos.media.errors import raise_if_out_of_memory

RATE = 16_000  # samples per second
SAMPLE_BYTES = 2  # signed 16-bit integers, little-endian
MAX_DRIFT_SECONDS = 0.1  # between the clock of the frames and the samples written, before silence is inserted
SILENCE = bytes(RATE * SAMPLE_BYTES)  # one second


def write_speech_audio(path: str, target: str, duration: float, progress: Callable[[float], None]) -> bool:
    """Write the default audio track of `path` to `target` as mono PCM at 16 kHz, without a header.

    Sample 0 belongs to the first video frame; `duration` is the video's, in seconds. Damaged packets are skipped.
    Returns False, without samples, if no track can be decoded.
    """
    with open_container(path) as container, Path(target).open("wb") as file:
        picture = find_video_stream(container)
        stream = find_default_audio(container)
        if stream is None:
            return False
        origin = float((picture.start_time or 0) * picture.time_base) if picture.time_base else 0.0
        writer = _SpeechWriter(file, origin, min(duration, MAX_DURATION_SECONDS))
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError) as fault:
                raise_if_out_of_memory(fault)
                continue
            for frame in frames:
                writer.add_frame(frame)
            if writer.is_full:
                break
            progress(writer.seconds / duration if duration else 0.0)
        writer.flush()
        return writer.seconds > 0


class _SpeechWriter:
    """Resample frames and write them at their times."""

    def __init__(self, file: IO[bytes], origin: float, duration: float) -> None:
        self._file = file
        self._origin = origin
        self._duration = duration
        self._samples = 0
        self._resampler = self._create_resampler()

    @property
    def seconds(self) -> float:
        return self._samples / RATE

    @property
    def is_full(self) -> bool:
        return self.seconds >= self._duration

    def add_frame(self, frame: AudioFrame) -> None:
        begin = self.seconds if frame.time is None else frame.time - self._origin
        if begin + frame.samples / (frame.sample_rate or RATE) <= 0 or begin > self._duration:
            return
        if begin - self.seconds > MAX_DRIFT_SECONDS:
            self.flush()
            self._write_silence(begin - self.seconds)
        frame.pts = None  # its place in the file says when it is heard
        try:
            resampled = self._resampler.resample(frame)
        except ValueError:  # the format of the track changed
            self.flush()
            resampled = self._resampler.resample(frame)
        self._write_frames(resampled)

    def flush(self) -> None:
        """Write the samples that the resampler holds, and begin anew."""
        self._write_frames(self._resampler.resample(None))
        self._resampler = self._create_resampler()

    def _create_resampler(self) -> AudioResampler:
        return AudioResampler("s16", "mono", RATE)

    def _write_frames(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            samples = frame.to_ndarray().tobytes()
            self._file.write(samples)
            self._samples += len(samples) // SAMPLE_BYTES

    def _write_silence(self, seconds: float) -> None:
        missing = round(seconds * RATE)
        self._samples += missing
        while missing > 0:
            part = min(missing, RATE)
            self._file.write(SILENCE[: part * SAMPLE_BYTES])
            missing -= part
