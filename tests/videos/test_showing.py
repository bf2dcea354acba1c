import json

import pytest

from tests import many
from videos import showing
from videos.addresses import OwnAddresses
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_comparison(alice, alices_pair):
    a, b = alices_pair
    made = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=many.script(1200))
    Job.objects.create(comparison=made, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    return made


def staged(comparison, read_only=False, **asked):
    return showing.stage(comparison, OwnAddresses(comparison), asked, read_only=read_only)


def current(context):
    return [view.name for view in context["views"] if view.is_current]


def test_the_view_that_is_asked_for_is_current_and_links_keep_it(alices_comparison):
    context = staged(alices_comparison, view="wipe", t="1.0")

    assert current(context) == ["wipe"]
    assert context["views"][3].href == "?view=difference&t=1.0"
    assert all(row.href.endswith("&view=wipe") for row in context["rows"])


@pytest.mark.parametrize(
    "asked", [{"view": "upside-down"}, {"threshold": "high"}, {"threshold": "7"}, {"list": "many"}]
)
def test_what_makes_no_sense_is_passed_over(alices_comparison, asked):
    context = staged(alices_comparison, **asked)

    assert current(context) == ["side"]
    assert context["dial"].is_calibrated
    assert context["rows"].number == 1


def test_the_threshold_of_the_address_goes_before_the_owners(alices_comparison):
    alices_comparison.threshold = 0.3

    assert staged(alices_comparison)["dial"].value == 0.3
    assert staged(alices_comparison, threshold="0.2")["dial"].value == 0.2
    assert staged(alices_comparison, threshold="0.2")["dial"].saved == 0.3


def test_what_leads_away_takes_along_the_threshold_that_is_asked_for(alices, alices_comparison):
    here = f"/compare/{alices_comparison.pk}/"

    plain, moved = (alices.get(here, query).content.decode() for query in ({}, {"threshold": "0.2"}))

    assert f'href="{here}report/"' in plain
    assert f'href="{here}report/?threshold=0.2"' in moved
    assert f'href="{here}export/?format=csv&amp;threshold=0.2"' in moved


def test_an_empty_list_at_a_higher_threshold_does_not_claim_the_same_pictures(alices, alices_comparison):
    script = alices_comparison.script
    changed = [{**segment, "op": "changed", "distance": 0.2} for segment in script["segments"][:1]]
    Comparison.objects.update(script={**script, "segments": changed})

    page = alices.get(f"/compare/{alices_comparison.pk}/", {"threshold": "0.5"}).content.decode()

    assert "No difference at this threshold." in page
    assert "same pictures" not in page
    assert 'aria-label="Timeline, no difference"' in page


def test_enter_keeps_a_threshold_and_does_not_reset_it(alices, alices_comparison):
    page = alices.get(f"/compare/{alices_comparison.pk}/").content.decode()

    assert page.index('data-do="save-threshold"') < page.index('data-do="reset-threshold"')


def test_the_mark_stays_on_the_slider():
    assert showing.Dial(0.1, 0.1, 0.1).mark == pytest.approx(18.37)
    assert showing.Dial(0.1, 0.1, 0.7).mark == 100


def test_a_long_list_comes_in_pages(long_comparison):
    first, last = staged(long_comparison), staged(long_comparison, list="999", view="wipe")

    assert len(first["rows"].object_list) == showing.ROWS_A_PAGE
    assert (first["list_before"], first["list_after"]) == ("", "?list=2")
    assert last["list_after"] == ""
    assert last["list_before"].startswith("?list=")
    assert last["list_before"].endswith("&view=wipe")


def test_a_long_page_stays_small_and_asks_the_database_no_more_than_a_short_one(
    alices, alices_comparison, long_comparison, django_assert_num_queries
):
    alices.get("/compare/")  # the first visit writes the session
    for comparison in (alices_comparison, long_comparison):
        with django_assert_num_queries(5):
            page = alices.get(f"/compare/{comparison.pk}/").content.decode()

    assert page.count('<a class="bar-link') < 900
    assert page.count("<img") < 3 * showing.ROWS_A_PAGE


def test_a_difference_without_a_picture_of_its_own_shows_the_videos_still(long_comparison):
    video = long_comparison.video_b
    video.stills = [0.0, 5.0, 10.0]

    stills = [row.still_b.url for row in staged(long_comparison)["rows"] if row.still_b]

    assert stills[-1] == f"/videos/{video.pk}/still-00002.jpg"


def test_what_the_engine_pictured_is_shown(alices_comparison):
    (row, *_) = staged(alices_comparison)["rows"]

    assert row.still_b.url == f"/compare/{alices_comparison.pk}/picture-{row.index}-b.jpg"


def test_the_data_holds_every_stored_segment(long_comparison):
    data = json.loads(json.dumps(staged(long_comparison)["data"]))

    op, a, b, distance, boxes, pictured = data["script"]["segments"][0]
    stored = long_comparison.script["segments"][0]
    assert len(data["script"]["segments"]) == 1200
    assert (showing.OPS[stored["op"]], stored["a"] or 0, stored["b"] or 0) == (op, a, b)
    assert (distance, boxes, pictured) == (stored["distance"], 0, 0) or boxes


def test_only_its_owner_is_offered_to_save(alices, client, alices_comparison):
    assert b"save-threshold" in alices.get(f"/compare/{alices_comparison.pk}/").content

    alices_comparison.owner.is_system = True
    alices_comparison.owner.save()
    client.logout()
    assert b"save-threshold" not in client.get(f"/compare/{alices_comparison.pk}/").content


BOX = {"x": 0.1, "y": 0.2, "width": 0.2, "height": 0.1}


@pytest.mark.parametrize(
    ("transforms", "lies"),
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
    ],
)
def test_a_box_is_drawn_where_it_lies_on_the_other_picture(transforms, lies):
    box = showing.on_a(BOX, transforms)

    assert tuple(box[name] for name in ("x", "y", "width", "height")) == pytest.approx(lies)
