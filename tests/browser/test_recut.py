"""What the page works out by itself is what the server would have said."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests import many
from videos.diff import words
from videos.diff.recut import recut
from videos.showing import Dial, compact, on_a

STORED = many.script(400)
ROWS = compact(STORED, Dial(0.1, 0.1, 0.1))


@pytest.fixture
def ask(page: Page, site: str) -> Any:
    page.goto(f"{site}/account/login/")

    def answer(module: str, question: str, given: Any = None) -> Any:
        return page.evaluate(
            f"""async ([rows, given]) => {{
              const {{ recut, unpack }} = await import("/static/videos/recut.js");
              const module = await import("/static/videos/{module}.js");
              const script = {{ ...rows, segments: unpack(rows.segments) }};
              return {question};
            }}""",
            [ROWS, given],
        )

    return answer


@pytest.mark.parametrize("threshold", [0.01, 0.037, 0.1, 0.25, 0.5])
def test_any_threshold_cuts_as_on_the_server(ask: Any, threshold: float) -> None:
    shown = ask("recut", "recut(script, given)", threshold)
    expected = recut(STORED, threshold)
    keys = ("op", "a", "b", "distance", "severity", "regions", "index")
    assert [[row[key] for key in keys] for row in shown["segments"]] == [
        [row[key] for key in keys] for row in expected["segments"]
    ]
    assert shown["differing"] == expected["differing_segments"]
    assert shown["similarity"] == pytest.approx(expected["similarity_percent"], abs=0.006)


def test_intervals_stay_apart_and_keep_their_similarity(ask: Any) -> None:
    shown = ask("recut", "recut({ ...script, mode: 'interval', similarity: 81.5 }, 0.5)")
    assert (len(shown["segments"]), shown["similarity"]) == (400, 81.5)


def test_differences_are_told_in_the_same_words(ask: Any) -> None:
    said = ask("words", "recut(script, 0.05).segments.map((segment) => [module.title(segment), module.times(segment)])")
    rows = recut(STORED, 0.05)["segments"]
    assert said == [[words.title(row), words.times(row)] for row in rows]


def test_how_much_is_the_same_is_told_alike(ask: Any) -> None:
    given = [[similarity, differing] for similarity in (0, 80.25, 99.84, 99.96, 99.99, 100) for differing in (0, 1)]
    said = ask("words", "given.map(([similarity, differing]) => module.percent(similarity, differing))", given)
    assert said == [words.percent(*each) for each in given]


@pytest.mark.parametrize("count", [400, 10_000])
def test_what_is_drawn_grows_with_the_pixels_not_with_the_segments(page: Page, site: str, count: int) -> None:
    page.goto(f"{site}/account/login/")
    shapes = page.evaluate(
        """async (rows) => {
          const { unpack } = await import("/static/videos/recut.js");
          const { Ranks } = await import("/static/videos/ranks.js");
          const { lane, order, stripes, joined, joints, ribbons } = await import("/static/videos/stripes.js");
          const segments = unpack(rows.segments);
          const { ranks } = new Ranks({ ...rows, segments }).at(rows.threshold);
          const all = { start: 0, end: rows.duration_b, length: rows.duration_b };
          const { differences, covered } = stripes(lane(order(segments, "b"), ranks), all, 1000);
          const end = ({ x, width }) => x + width;
          return {
            stripes: differences.length,
            thinnest: Math.min(...differences.map(({ width }) => width)),
            overlaps: differences.filter(({ x }, index) => index && x < end(differences[index - 1]) - 1e-6).length,
            covered: covered.length,
            ribbons: ribbons(joined(joints(segments), ranks), all, 1000).length,
          };
        }""",
        compact(many.script(count), Dial(0.1, 0.1, 0.1)),
    )
    assert shapes["stripes"] <= 1000 / 3 + 1
    assert shapes["thinnest"] >= 3
    assert (shapes["overlaps"], shapes["covered"]) == (0, 1)
    assert shapes["ribbons"] <= 600


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.5])
def test_ribbons_of_what_is_equal_and_goes_on_are_one(ask: Any, threshold: float) -> None:
    """One joint for each segment that is shown, and it stands where that does."""
    joined = ask(
        "stripes",
        """(({ ranks, segments }) => {
          const { a, b, firsts } = module.joined(module.joints(script.segments), ranks);
          const span = (list, at) => [list[2 * at], list[2 * at + 1]];
          return segments.map((segment, at) => [segment, firsts[at], span(a, at), span(b, at), firsts.length]);
        })(recut(script, given))""",
        threshold,
    )
    assert len(joined) == joined[0][4] > 100
    for segment, place, a, b, _ in joined:
        assert place == segment["index"]
        assert segment["a"] in (None, a)
        assert segment["b"] in (None, b)


@pytest.mark.parametrize(
    ("transforms", "corner"),
    [
        ([], (0, 0)),
        ([{"kind": "mirror", "value": "horizontal"}], (1600, 0)),
        ([{"kind": "mirror", "value": "both"}], (1600, 900)),
        ([{"kind": "crop", "value": {"side": "a", "x": 0.1, "y": 0.2, "width": 0.8, "height": 0.8}}], (160, 180)),
        ([{"kind": "letterbox", "value": {"side": "b", "x": 0, "y": 0.1, "width": 1, "height": 0.8}}], (0, -112.5)),
    ],
)
def test_one_picture_is_laid_over_the_other(ask: Any, transforms: list[Any], corner: tuple[float, float]) -> None:
    """Where the top left of B's picture comes to lie on a screen of 1600 by 900."""
    question = "module.matrix(given, { width: 640, height: 360 }, { width: 1280, height: 720 }, 1600, 900)"
    assert ask("register", question, transforms)[2:] == pytest.approx(corner)
    box = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
    assert ask("register", "module.onA(given[0], given[1])", [box, transforms]) == pytest.approx(on_a(box, transforms))
