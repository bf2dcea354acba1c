"""A link to a moment shows the frames of that moment on both sides, with their times."""

import os
import random
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.edited_films import open_comparison, render_cuts

LOADS = int(os.environ.get("DEEP_LINK_LOADS", "12"))
SEED = int(os.environ.get("DEEP_LINK_SEED", "1"))
SLOWDOWNS = (1, 1, 6)  # of the page's processor
THUMB = (32, 18)
SIMILAR_LEVELS = 3.0  # by which the expected frame may match worse than the most similar one
NEIGHBOURS = 2  # frames around the expected one that also count, because several show the same picture

# Records what each side shows, whenever that changes, and whether the page says that the side seeks.
RECORD = """
  window.shown = [];
  addEventListener("DOMContentLoaded", () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [WIDTH, HEIGHT];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const read = () => {
      for (const side of ["a", "b"]) {
        const player = document.querySelector(`#player-${side}`);
        const video = player?.querySelector("video");
        if (!player || video.readyState < 2 || player.classList.contains("seeking")) continue;
        context.drawImage(video, 0, 0, WIDTH, HEIGHT);
        const pixels = [...context.getImageData(0, 0, WIDTH, HEIGHT).data];
        const absent = player.classList.contains("absent");
        window.shown.push({ side, pixels, absent, label: player.querySelector(".at").textContent });
      }
    };
    const repeat = () => { read(); window.shown.splice(0, window.shown.length - 40); requestAnimationFrame(repeat); };
    if (document.querySelector("#player-a")) repeat();
  });
""".replace("WIDTH", str(THUMB[0])).replace("HEIGHT", str(THUMB[1]))


class Cut:
    """The frames of a rendered cut as small pictures, and their times."""

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
        self.times = np.array([time for time, _ in frames]) - frames[0][0]
        self.pictures = np.stack([shrink(pixels) for _, pixels in frames])

    def find_miss(self, seconds: float, picture: NDArray[np.float32]) -> str:
        """Return what is wrong with a picture that claims to be of this time. Empty if nothing is."""
        differences = np.abs(self.pictures - picture).mean(axis=(1, 2))
        expected = int(np.abs(self.times - seconds).argmin())
        near = differences[max(0, expected - NEIGHBOURS) : expected + NEIGHBOURS + 1].min()
        best = int(differences.argmin())
        if near <= differences[best] + SIMILAR_LEVELS:
            return ""
        return f"shows {self.times[best]:.2f} under {seconds:.2f}"


def shrink(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean luma of the blocks of a picture."""
    height, width = (pixels.shape[0] // THUMB[1], pixels.shape[1] // THUMB[0])
    whole = pixels[: height * THUMB[1], : width * THUMB[0]].astype(np.float32).mean(axis=2)
    return whole.reshape(THUMB[1], height, THUMB[0], width).mean(axis=(1, 3))


def seconds_of(label: str) -> float:
    minutes, seconds = label.split(":")
    return 60 * int(minutes) + float(seconds)


def find_misses(cuts: dict[str, Cut], shown: list[dict[str, Any]]) -> list[str]:
    misses = []
    for each in shown:
        pixels = np.array(each["pixels"], np.float32).reshape(THUMB[1], THUMB[0], 4)[..., :3].mean(axis=2)
        if miss := cuts[each["side"]].find_miss(seconds_of(each["label"]), pixels):
            misses.append(f"{each['side']} {miss}")
    return misses


@pytest.mark.timeout(max(600, 20 * LOADS))
def test_a_link_to_a_moment_shows_the_frames_of_that_moment(signed_in: Page, site: str, tmp_path: Path) -> None:
    open_comparison(signed_in, site, tmp_path)
    address = signed_in.url.split("?")[0]
    cuts = dict(zip("ab", map(Cut, render_cuts(tmp_path)), strict=True))
    signed_in.add_init_script(RECORD)
    developer_tools = signed_in.context.new_cdp_session(signed_in)
    rng = random.Random(SEED)

    misses = []
    for _ in range(LOADS):
        at = rng.uniform(0, float(cuts["b"].times[-1]))
        developer_tools.send("Emulation.setCPUThrottlingRate", {"rate": rng.choice(SLOWDOWNS)})
        signed_in.goto(f"{address}?t={at:.3f}")
        signed_in.wait_for_selector("#compare[data-ready]")
        signed_in.wait_for_timeout(100)
        shown = signed_in.evaluate("window.shown")
        last = {each["side"]: each for each in shown}
        assert set(last) == {"a", "b"}
        assert seconds_of(last["b"]["label"]) == pytest.approx(at, abs=0.006) or last["b"]["absent"]
        misses += [f"?t={at:.3f}: {miss}" for miss in find_misses(cuts, shown)]

    assert not misses
