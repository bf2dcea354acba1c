import json

import pytest

from tests import long_script
from videos.comparisons import differences, page_data, presentation, thresholds
from videos.comparisons.media_urls import OwnerMediaUrls
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_comparison(alice, alice_pair):
    a, b = alice_pair
    created = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=long_script.build_script(1200))
    Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    return created


def build_context(comparison, read_only=False, **query):
    return presentation.build_context(comparison, OwnerMediaUrls(comparison), query, read_only=read_only)


def list_current_views(context):
    return [view.name for view in context["view_modes"] if view.is_current]


def test_the_requested_view_is_current_and_kept_in_links(alice_comparison):
    context = build_context(alice_comparison, view="wipe", t="1.0")

    assert list_current_views(context) == ["wipe"]
    assert context["view_modes"][3].href == "?view=difference&t=1.0"
    assert all(row.href.endswith("&view=wipe") for row in context["differences"])


@pytest.mark.parametrize(
    "query", [{"view": "upside-down"}, {"threshold": "high"}, {"threshold": "7"}, {"list": "many"}]
)
def test_invalid_parameters_are_ignored(alice_comparison, query):
    context = build_context(alice_comparison, **query)

    assert list_current_views(context) == ["side"]
    assert context["threshold"].is_calibrated
    assert context["differences"].number == 1


def test_the_threshold_of_the_url_overrides_the_saved_one(alice_comparison):
    alice_comparison.threshold = 0.3

    assert build_context(alice_comparison)["threshold"].value == 0.3
    assert build_context(alice_comparison, threshold="0.2")["threshold"].value == 0.2
    assert build_context(alice_comparison, threshold="0.2")["threshold"].saved == 0.3


def test_links_to_report_and_exports_keep_the_requested_threshold(alice_client, alice_comparison):
    path = f"/compare/{alice_comparison.pk}/"

    plain, moved = (alice_client.get(path, query).content.decode() for query in ({}, {"threshold": "0.2"}))

    assert f'href="{path}report/"' in plain
    assert f'href="{path}report/?threshold=0.2"' in moved
    assert f'href="{path}export/?format=csv&amp;threshold=0.2"' in moved


def test_an_empty_list_at_a_higher_threshold_does_not_claim_the_same_pictures(alice_client, alice_comparison):
    script = alice_comparison.script
    changed = [{**segment, "op": "changed", "distance": 0.2} for segment in script["segments"][:1]]
    Comparison.objects.update(script={**script, "segments": changed})

    page = alice_client.get(f"/compare/{alice_comparison.pk}/", {"threshold": "0.5"}).content.decode()

    assert "No differences at this sensitivity." in page
    assert "look the same" not in page
    assert 'aria-label="Timeline, no differences"' in page


def test_the_save_button_precedes_the_reset_button(alice_client, alice_comparison):
    page = alice_client.get(f"/compare/{alice_comparison.pk}/").content.decode()

    assert page.index('data-do="save-threshold"') < page.index('data-do="reset-threshold"')


def test_the_mark_of_the_threshold_stays_on_the_slider():
    assert thresholds.ThresholdControl(0.1, 0.1, 0.1).mark_percent == pytest.approx(18.37)
    assert thresholds.ThresholdControl(0.1, 0.1, 0.7).mark_percent == 100


def test_a_long_list_is_paginated(long_comparison):
    first, last = build_context(long_comparison), build_context(long_comparison, list="999", view="wipe")

    assert len(first["differences"].object_list) == presentation.ROWS_PER_PAGE
    assert (first["previous_page_url"], first["next_page_url"]) == ("", "?list=2")
    assert last["next_page_url"] == ""
    assert last["previous_page_url"].startswith("?list=")
    assert last["previous_page_url"].endswith("&view=wipe")


def test_page_size_and_query_count_do_not_grow_with_the_segments(
    alice_client, alice_comparison, long_comparison, django_assert_num_queries
):
    alice_client.get("/compare/")  # the first visit writes the session
    for comparison in (alice_comparison, long_comparison):
        with django_assert_num_queries(9):
            page = alice_client.get(f"/compare/{comparison.pk}/").content.decode()

    assert page.count('<a class="bar-link') < 900
    assert page.count("<img") < 3 * presentation.ROWS_PER_PAGE


def test_a_difference_without_a_picture_shows_a_still_of_the_video(long_comparison):
    video = long_comparison.video_b
    video.stills = [0.0, 5.0, 10.0]

    stills = [row.still_b.url for row in build_context(long_comparison)["differences"] if row.still_b]

    assert stills[-1] == f"/videos/{video.pk}/still-00002.jpg"


def test_pictures_of_the_engine_are_shown(alice_comparison):
    (row, *_) = build_context(alice_comparison)["differences"]

    assert row.still_b.url == f"/compare/{alice_comparison.pk}/picture-{row.index}-b.jpg"


def test_the_page_data_contains_every_stored_segment(long_comparison):
    data = json.loads(json.dumps(build_context(long_comparison)["page_data"]))

    op, a, b, distance, boxes, pictured, also_at, kind, texts, frames = data["script"]["segments"][0]
    stored = long_comparison.script["segments"][0]
    assert len(data["script"]["segments"]) == 1200
    assert (page_data.OP_CODES[stored["op"]], stored["a"] or 0, stored["b"] or 0) == (op, a, b)
    assert (distance, boxes, pictured) == (stored["distance"], 0, 0) or boxes
    assert also_at is None
    assert kind is None
    assert (texts, frames) == (0, 0)


def test_only_the_owner_can_save_a_threshold(alice_client, client, alice_comparison):
    assert b"save-threshold" in alice_client.get(f"/compare/{alice_comparison.pk}/").content

    alice_comparison.owner.is_system = True
    alice_comparison.owner.save()
    client.logout()
    assert b"save-threshold" not in client.get(f"/compare/{alice_comparison.pk}/").content


TURNED = {"angle": 90, "scale": 1, "x": 0, "y": 0, "lens": 0, "lens_2": 0, "aspect": 4 / 3}
BOX = {"x": 0.1, "y": 0.2, "width": 0.2, "height": 0.1}


@pytest.mark.parametrize(
    ("transforms", "expected"),
    [
        ([], (0.1, 0.2, 0.2, 0.1)),
        ([{"kind": "mirror", "value": "horizontal"}, {"kind": "grade", "value": {}}], (0.7, 0.2, 0.2, 0.1)),
        ([{"kind": "mirror", "value": "both"}], (0.7, 0.7, 0.2, 0.1)),
        (
            [{"kind": "crop", "value": {"side": "a", "x": 0.5, "y": 0, "width": 0.5, "height": 1}}],
            (0.55, 0.2, 0.1, 0.1),
        ),
        (
            [{"kind": "letterbox", "value": {"side": "b", "x": 0, "y": 0.2, "width": 1, "height": 0.5}}],
            (0.1, 0, 0.2, 0.2),
        ),
        ([{"kind": "rotation", "value": {**TURNED, "side": "a"}}], (0.65, 0, 0.075, 0.2333)),
        ([{"kind": "rotation", "value": {**TURNED, "side": "b"}}], (0.275, 0.7667, 0.075, 0.2333)),
    ],
)
def test_a_region_is_mapped_to_the_other_picture(transforms, expected):
    box = differences.map_region_to_a(BOX, transforms)

    assert tuple(box[name] for name in ("x", "y", "width", "height")) == pytest.approx(expected)
