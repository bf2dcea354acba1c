import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from tests import footage
from videos.fingerprint.decode_pass import run_decode_pass
from videos.media.waveform import MAX_SLOTS, Waveform

RATE = 8000


def read(path):
    """Return the seconds per slot, and the lowest and highest values (slots, 2)."""
    data = path.read_bytes()
    version, flags, rate, samples, slots, channels = struct.unpack("<iIiiIi", data[:24])
    assert (version, flags, channels) == (2, 1, 1)
    assert len(data) == 24 + 2 * slots
    return samples / rate, np.frombuffer(data[24:], np.int8).reshape(-1, 2).astype(int)


def frame(samples, at, form="s16", layout="mono"):
    created = av.AudioFrame.from_ndarray(samples, format=form, layout=layout)
    created.sample_rate, created.pts, created.time_base = RATE, round(at * RATE), Fraction(1, RATE)
    return created


class Packet:
    """A packet that decodes to one given frame."""

    def __init__(self, *frames):
        self.frames = frames

    def decode(self):
        return self.frames


def steps(levels, begin=0.0):
    """Return one second at each level, as a square wave around 0."""
    for number, level in enumerate(levels):
        wave = np.tile([level, -level], RATE // 2).astype(np.int16)[None]
        yield Packet(frame(wave, begin + number))


def heard(path, packets, origin=0.0, duration=4.0):
    waveform = Waveform(None)
    for packet in packets:
        waveform.add_packet(packet)
    assert waveform.write(path, origin, duration)
    return read(path)


def loudness(seconds, slots, at):
    return slots[int(at / seconds)].tolist()


def test_each_second_keeps_its_loudness(tmp_path):
    seconds, slots = heard(tmp_path / "w", steps([0, 16384, 32767, 8192]))

    assert seconds == 256 / RATE
    assert len(slots) == 125
    found = [loudness(seconds, slots, at) for at in (0.5, 1.5, 2.5, 3.5)]
    assert found == [[0, 0], [-64, 64], [-127, 127], [-32, 32]]


@pytest.mark.parametrize(
    ("begin", "origin", "silent", "loud"), [(2.0, 0.0, 1.0, 2.5), (0.0, -1.0, 0.5, 1.5), (10.0, 8.0, 1.5, 2.5)]
)
def test_it_starts_with_the_first_video_frame(tmp_path, begin, origin, silent, loud):
    seconds, slots = heard(tmp_path / "w", steps([32767], begin), origin)

    assert loudness(seconds, slots, silent) == [0, 0]
    assert loudness(seconds, slots, loud) == [-127, 127]


def test_hours_have_limited_slots_and_keep_their_shape(tmp_path):
    levels = [32767 if (second // 600) % 2 else 0 for second in range(3600)]

    seconds, slots = heard(tmp_path / "w", steps(levels), duration=3600)

    assert MAX_SLOTS / 2 <= len(slots) <= MAX_SLOTS
    assert len(slots) == np.ceil(3600 / seconds)
    assert [loudness(seconds, slots, 300 + 600 * part)[1] for part in range(6)] == [0, 127] * 3


def test_channels_that_cancel_out_still_have_a_waveform(tmp_path):
    wave = np.full(RATE, 0.5, np.float32)
    both = Packet(frame(np.stack([wave, -wave]), 0, "fltp", "stereo"))

    _, slots = heard(tmp_path / "w", [both], duration=1)

    assert slots[5].tolist() == [-64, 64]


@pytest.mark.parametrize(
    ("form", "kind", "top"), [("u8", np.uint8, 255), ("s32", np.int32, 2**31 - 1), ("dbl", np.float64, 1)]
)
def test_every_sample_format_has_the_same_full_scale(tmp_path, form, kind, top):
    wave = np.full((1, RATE), top, kind)

    _, slots = heard(tmp_path / "w", [Packet(frame(wave, 0, form))], duration=1)

    assert slots[5, 1] in (126, 127)


def test_impossible_times_change_nothing(tmp_path):
    odd = [
        Packet(frame(np.full((1, 800), 32767, np.int16), 1e9)),
        Packet(frame(np.full((1, 800), np.nan, np.float32), 9, "flt")),
    ]

    _, slots = heard(tmp_path / "w", [*steps([16384] * 4), *odd])

    assert np.abs(slots).max() == 64


def test_the_decode_pass_writes_one_if_there_is_sound(tmp_path):
    loud = footage.clip("loud", lambda: footage.scene(50), sound=True)
    facts = run_decode_pass(str(loud), str(tmp_path), lambda share: None)

    assert facts["waveform"]
    seconds, slots = read(tmp_path / "waveform.dat")
    assert len(slots) * seconds == pytest.approx(2, abs=0.01)
    assert (
        np.abs(slots[10:-10]).max(axis=1).min() >= 8
    )  # a tone at a tenth of full scale over two channels, in every slot
    silent = tmp_path / "silent"
    silent.mkdir()
    assert not run_decode_pass(str(footage.clip("one", lambda: footage.scene(1))), str(silent), lambda share: None)[
        "waveform"
    ]
    assert not (silent / "waveform.dat").exists()


def test_damaged_audio_does_not_affect_the_video(tmp_path):
    path = footage.write(tmp_path / "a.mkv", footage.scene(25), codec="mpeg4", sound=True)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        places = [packet.pos for packet in container.demux(container.streams.audio[0]) if packet.pos]
    for place in places[::2]:
        data[place + 8 : place + 40] = bytes(32)
    path.write_bytes(bytes(data))

    assert run_decode_pass(str(path), str(tmp_path), lambda share: None)["frame_count"] == 25


def test_audio_that_changes_layout_and_rate_is_measured_throughout(tmp_path):
    sounds = [("stereo", 48000), ("5.1(side)", 48000), ("mono", 44100), ("stereo", 48000)]
    path = footage.broadcast(tmp_path / "a.ts", sounds, [(160, 96)] * 4)
    run_decode_pass(str(path), str(tmp_path), lambda share: None)

    seconds, slots = read(tmp_path / "waveform.dat")
    assert all(loudness(seconds, slots, at)[1] > 30 for at in (0.5, 1.5, 2.5, 3.5))


def test_lack_of_memory_is_not_treated_as_damage():
    class Greedy:
        def decode(self):
            raise av.error.MemoryError(12, "Cannot allocate memory")

    with pytest.raises(MemoryError):
        Waveform(None).add_packet(Greedy())
