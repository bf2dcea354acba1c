import threading
import time
from itertools import pairwise

import pytest

from tests import footage
from videos.media.demux import find_video_stream, open_container
from videos.media.errors import MediaError
from videos.media.frames import decode_frames, open_frame_seeker, read_ahead


def times_of(path) -> list[float]:
    with open_container(str(path)) as container:
        return [seconds for seconds, _ in decode_frames(container, find_video_stream(container))]


def test_every_frame_comes_with_its_time():
    times = times_of(footage.real("bikes"))
    assert len(times) == 250
    assert times[:3] == pytest.approx([0, 0.04, 0.08])


def test_times_keep_a_variable_rate():
    at = (0.0, 0.1, 0.15, 0.5, 0.52)
    path = footage.clip("uneven", lambda: footage.scene(5), ".mkv", times=at)
    assert times_of(path) == pytest.approx(at, abs=0.002)


def test_only_damaged_frames_are_lost():
    times = times_of(footage.damaged())
    assert 150 < len(times) <= 300
    assert times[-1] - times[0] > 11.5
    assert all(later > earlier for earlier, later in pairwise(times))


def test_reading_ahead_keeps_the_order():
    assert list(read_ahead(iter(range(100)), 3)) == list(range(100))


def test_reading_ahead_stays_within_its_bound():
    created = []

    def source():
        for number in range(50):
            created.append(number)
            yield number

    items = read_ahead(source(), 2)
    next(items)
    time.sleep(0.05)
    assert len(created) <= 5
    items.close()


def test_an_error_while_reading_ahead_is_raised():
    def source():
        yield 1
        raise MediaError("Broken.")

    items = read_ahead(source())
    assert next(items) == 1
    with pytest.raises(MediaError, match="Broken"):
        next(items)


def test_closing_the_iterator_ends_the_thread():
    before = threading.active_count()
    items = read_ahead(iter(range(10**6)))
    next(items)
    items.close()
    assert threading.active_count() == before


def shade(frame) -> float:
    return float(frame.to_ndarray(format="gray").mean())


def test_seeking_returns_the_frame_shown_at_that_time():
    ramp = footage.scene(100)
    ramp[:] = 0
    for index in range(100):
        ramp[index] = 2 * index
    path = footage.clip("ramp", lambda: ramp, options={"g": "25"})
    with open_frame_seeker(str(path)) as seeker:
        for wanted in (0.0, 0.04, 0.9, 3.96, 0.5, 3.0, 9.0):
            shown = min(99, round(wanted * 25))
            assert shade(seeker.at(wanted)) == pytest.approx(2 * shown, abs=3)


def test_between_two_frames_the_earlier_one_is_returned():
    path = footage.clip("ramp-2", lambda: [footage.scene(1)[0] * 0 + 20 * index for index in range(10)], rate=10)
    with open_frame_seeker(str(path)) as seeker:
        assert shade(seeker.at(0.36)) == pytest.approx(60, abs=3)
