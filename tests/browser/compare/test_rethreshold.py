"""The JavaScript modules of the page give the same results as the Python code."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests import long_script
from videos.comparisons.differences import map_region_to_a
from videos.comparisons.page_data import compact_script
from videos.comparisons.thresholds import ThresholdControl
from videos.diff.script import wording
from videos.diff.script.rethreshold import rethreshold

STORED = long_script.build_script(400)
ROWS = compact_script(STORED, ThresholdControl(0.1, 0.1, 0.1))


@pytest.fixture
def evaluate(page: Page, site: str) -> Any:
    page.goto(f"{site}/account/login/")

    def evaluate_expression(module: str, expression: str, given: Any = None) -> Any:
        return page.evaluate(
            f"""async ([rows, given]) => {{
              const {{ rethreshold, unpackSegments }} = await import("/static/videos/compare/script/rethreshold.js");
              const module = await import("/static/videos/compare/{module}.js");
              const script = {{ ...rows, segments: unpackSegments(rows.segments) }};
              return {expression};
            }}""",
            [ROWS, given],
        )

    return evaluate_expression


@pytest.mark.parametrize("threshold", [0.01, 0.037, 0.1, 0.25, 0.5])
def test_rethresholding_gives_the_same_segments_as_the_server(evaluate: Any, threshold: float) -> None:
    shown = evaluate("script/rethreshold", "rethreshold(script, given)", threshold)
    expected = rethreshold(STORED, threshold)
    keys = ("op", "a", "b", "distance", "severity", "kind", "regions", "index", "follows")
    assert [[row[key] for key in keys] for row in shown["segments"]] == [
        [row[key] for key in keys] for row in expected["segments"]
    ]
    assert shown["differing"] == expected["differing_segments"]
    assert shown["similarity"] == pytest.approx(expected["similarity_percent"], abs=0.006)


def test_intervals_are_not_merged_and_keep_their_similarity(evaluate: Any) -> None:
    shown = evaluate("script/rethreshold", "rethreshold({ ...script, mode: 'interval', similarity: 81.5 }, 0.5)")
    assert (len(shown["segments"]), shown["similarity"]) == (400, 81.5)


def test_differences_have_the_same_titles_and_times(evaluate: Any) -> None:
    found = evaluate(
        "wording", "rethreshold(script, 0.05).segments.map((segment) => [module.title(segment), module.times(segment)])"
    )
    rows = rethreshold(STORED, 0.05)["segments"]
    assert found == [[wording.title(row), wording.times(row)] for row in rows]


def test_a_side_without_a_part_is_described_in_the_same_way(evaluate: Any) -> None:
    given = [None, 0, 25.504]
    found = evaluate("wording", "given.map((alsoAt) => module.absence({ alsoAt }, 'b'))", given)
    rows = [{} if second is None else {"also_at": second} for second in given]
    assert found == [wording.absence(row, "B") for row in rows]


def test_similarity_is_formatted_in_the_same_way(evaluate: Any) -> None:
    given = [[similarity, differing] for similarity in (0, 80.25, 99.84, 99.96, 99.99, 100) for differing in (0, 1)]
    found = evaluate("wording", "given.map(([similarity, differing]) => module.percent(similarity, differing))", given)
    assert found == [wording.percent(*each) for each in given]


@pytest.mark.parametrize("count", [400, 10_000])
def test_the_number_of_shapes_depends_on_pixels_and_not_on_segments(page: Page, site: str, count: int) -> None:
    page.goto(f"{site}/account/login/")
    shapes = page.evaluate(
        """async (rows) => {
          const layout = "/static/videos/compare/timeline/timeline-layout.js";
          const severities = "/static/videos/compare/script/severities.js";
          const { unpackSegments } = await import("/static/videos/compare/script/rethreshold.js");
          const { buildLane, SegmentClassifier, sortSegments } = await import(severities);
          const { findRibbonEdges, layOutLane, layOutRibbons, mergeEqualEdges } = await import(layout);
          const segments = unpackSegments(rows.segments);
          const { ranks } = new SegmentClassifier({ ...rows, segments }).classify(rows.threshold);
          const all = { start: 0, end: rows.duration_b, length: rows.duration_b };
          const { differences, covered } = layOutLane(buildLane(sortSegments(segments, "b"), ranks), all, 1000);
          const end = ({ x, width }) => x + width;
          return {
            bars: differences.length,
            thinnest: Math.min(...differences.map(({ width }) => width)),
            overlaps: differences.filter(({ x }, index) => index && x < end(differences[index - 1]) - 1e-6).length,
            covered: covered.length,
            ribbons: layOutRibbons(mergeEqualEdges(findRibbonEdges(segments), ranks), all, 1000).length,
          };
        }""",
        compact_script(long_script.build_script(count), ThresholdControl(0.1, 0.1, 0.1)),
    )
    assert shapes["bars"] <= 1000 / 3 + 1
    assert shapes["thinnest"] >= 3
    assert (shapes["overlaps"], shapes["covered"]) == (0, 1)
    assert shapes["ribbons"] <= 600


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.5])
def test_ribbons_of_equal_segments_that_continue_are_merged(evaluate: Any, threshold: float) -> None:
    """Check that there is one pair of edges for each shown segment, at the index of the segment."""
    edges = evaluate(
        "timeline/timeline-layout",
        """(({ ranks, segments }) => {
          const { a, b, firsts } = module.mergeEqualEdges(module.findRibbonEdges(script.segments), ranks);
          const span = (list, at) => [list[2 * at], list[2 * at + 1]];
          return segments.map((segment, at) => [segment, firsts[at], span(a, at), span(b, at), firsts.length]);
        })(rethreshold(script, given))""",
        threshold,
    )
    assert len(edges) == edges[0][4] > 100
    for segment, place, a, b, _ in edges:
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
def test_registration_maps_one_picture_onto_the_other(
    evaluate: Any, transforms: list[Any], corner: tuple[float, float]
) -> None:
    """Check where the top left corner of B is drawn on a screen of 1600 by 900."""
    expression = (
        "module.registrationMatrix(given, { width: 640, height: 360 }, { width: 1280, height: 720 }, 1600, 900)"
    )
    assert evaluate("image-registration", expression, transforms)[2:] == pytest.approx(corner)
    box = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
    assert evaluate("image-registration", "module.mapBoxToA(given[0], given[1])", [box, transforms]) == pytest.approx(
        map_region_to_a(box, transforms)
    )


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_box_in_a_rotated_picture_is_mapped_as_on_the_server(evaluate: Any, side: str) -> None:
    warp = {"side": side, "angle": 4, "scale": 1.1, "x": 0.01, "y": -0.02, "lens": 0.05, "lens_2": 0.01, "aspect": 1.6}
    box, transforms = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}, [{"kind": "rotation", "value": warp}]
    assert evaluate("image-registration", "module.mapBoxToA(given[0], given[1])", [box, transforms]) == pytest.approx(
        map_region_to_a(box, transforms), abs=1e-4
    )


@pytest.mark.parametrize(
    ("rate", "number", "expected"),
    [
        (25, 0, "00:00:00:00"),
        (25, 59, "00:00:02:09"),
        (30000 / 1001, 1800, "00:01:00:00"),
        (24000 / 1001, 86_400, "01:00:00:00"),
        (12.5, 26, "00:00:02:01"),
    ],
)
def test_timecode_counts_frames_at_the_nominal_rate(
    page: Page, site: str, rate: float, number: int, expected: str
) -> None:
    page.goto(f"{site}/account/login/")
    timecode = """async ([rate, number]) => {
      const { formatTimecode } = await import("/static/videos/player/frame-times.js");
      return formatTimecode(Float64Array.from({ length: number + 100 }, (_, frame) => frame / rate), number);
    }"""
    assert page.evaluate(timecode, [rate, number]) == expected


def test_timecode_counts_uneven_frames_within_each_second(page: Page, site: str) -> None:
    page.goto(f"{site}/account/login/")
    timecode = """async () => {
      const { formatTimecode } = await import("/static/videos/player/frame-times.js");
      const times = Float64Array.of(0, 0.1, 0.9, 1.0, 1.02, 1.5, 2.2, 2.21);
      return [0, 2, 3, 5, 7].map((number) => formatTimecode(times, number));
    }"""
    assert page.evaluate(timecode) == ["00:00:00:00", "00:00:00:02", "00:00:01:00", "00:00:01:02", "00:00:02:01"]
