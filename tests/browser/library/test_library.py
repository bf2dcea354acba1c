"""The library page: uploads, cards and picking two videos."""

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route, expect

from tests import footage
from tests.browser.edited_films import A_TITLE, B_TITLE, card, ensure_videos, pick_videos


@pytest.fixture
def library(signed_in: Page, site: str) -> Page:
    signed_in.goto(f"{site}/library/")
    return signed_in


def test_a_chosen_file_shows_its_still_and_duration_before_the_upload(library: Page) -> None:
    requests: list[str] = []
    library.on("request", lambda request: requests.append(request.url))
    library.route("**/v2/uploads", lambda route: None)  # never answered
    library.set_input_files("#upload input[type=file]", footage.real("bikes"))
    row = library.locator("#uploads .row")
    expect(row.locator("time")).to_have_text("0:10")
    assert row.locator("video").evaluate("(video) => video.videoWidth") > 0
    assert not [address for address in requests if "/vendor/uppy" in address]  # loaded when the upload starts
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)


def test_an_upload_shows_its_progress_can_be_paused_and_becomes_a_card(library: Page, tmp_path: Path) -> None:
    slow = library.context.new_cdp_session(library)
    slow.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    slow.send("Network.emulateNetworkConditions", limits)
    library.set_input_files("#upload input[type=file]", _write_two_part_file(tmp_path, "On its way.mp4"))
    expected_text = re.compile(r"MB of 13.1 MB · part [12] of 2 · [\d.]+ [kM]B/s · \d+ s left")
    expect(library.locator("#uploads [data-status]")).to_have_text(expected_text)
    library.get_by_role("button", name="Pause").click()
    expect(library.locator("#uploads [data-status]")).to_have_text(re.compile(r"Paused at [\d.]+ MB of 13.1 MB"))
    library.get_by_role("button", name="Resume").click()
    expect(library.locator("#uploads [data-status]")).to_have_text(expected_text)
    slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    expect(library.locator(card("On its way"))).to_be_visible()
    expect(library.locator("#uploads .row")).to_have_count(0)
    expect(library.locator(f"{card('On its way')}.ready img")).to_be_visible(timeout=60_000)


def test_a_cancelled_upload_leaves_no_data(library: Page, tmp_path: Path) -> None:
    deletions: list[str] = []
    library.on("request", lambda request: deletions.append(request.url) if request.method == "DELETE" else None)
    library.route("**/parts/*?signature=*", lambda route: None)  # the part never arrives
    library.set_input_files("#upload input[type=file]", _link_file(tmp_path, footage.real("bikes"), "Not wanted.mp4"))
    with library.expect_request(lambda request: request.method == "PUT"):
        pass
    with library.expect_request(lambda request: request.method == "DELETE"):
        library.get_by_role("button", name="Cancel").click()
    expect(library.locator("#uploads")).to_be_hidden()
    library.wait_for_timeout(500)
    assert len(deletions) == 1
    library.reload()
    expect(library.locator(card("Not wanted"))).to_have_count(0)


def test_an_upload_resumes_after_a_reload_with_the_stored_parts(library: Page, tmp_path: Path) -> None:
    sent: list[str] = []
    library.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    file = _write_two_part_file(tmp_path, "In two goes.mp4")
    library.route("**/parts/2?signature=*", lambda route: None)  # the second part never arrives
    with library.expect_response(lambda answer: "/parts/1?" in answer.url and answer.request.method == "PUT"):
        library.set_input_files("#upload input[type=file]", file)
    other = library.context.new_page()
    other.goto(library.url)
    other.wait_for_timeout(500)
    assert other.locator("#uploads .row").count() == 0  # the first tab is uploading it
    other.close()
    library.on("dialog", lambda dialog: dialog.accept())  # leaving stops the upload, so the browser asks
    library.reload()
    expect(library.locator("#uploads [data-status]")).to_have_text(
        "10.5 MB of 13.1 MB uploaded. Choose the same file to resume."
    )
    library.unroute("**/parts/2?signature=*")
    sent.clear()
    with library.expect_file_chooser() as chooser:
        library.get_by_role("button", name="Choose file").click()
    chooser.value.set_files(file)
    expect(library.locator(card("In two goes"))).to_be_visible()
    assert ["/parts/2?" in address for address in sent] == [True]
    library.reload()
    expect(library.locator("#uploads")).to_be_hidden()


def test_a_failed_upload_keeps_its_parts_and_can_be_retried(library: Page, tmp_path: Path) -> None:
    library.route("**/parts/2/url", lambda route: _refuse(route, "The store is full.", 422))
    library.set_input_files("#upload input[type=file]", _write_two_part_file(tmp_path, "Again.mp4"))
    expect(library.locator("#uploads").get_by_role("alert")).to_have_text("The store is full.")
    library.unroute("**/parts/2/url")
    library.get_by_role("button", name="Try again").click()
    expect(library.locator(card("Again"))).to_be_visible()


def test_a_refused_file_shows_the_reason(library: Page, tmp_path: Path) -> None:
    note = tmp_path / "notes.txt"
    note.write_text("no video")
    library.route("**/v2/uploads", lambda route: _refuse(route, "This is no kind of video file."))
    library.set_input_files("#upload input[type=file]", note)
    expect(library.locator("#uploads").get_by_role("alert")).to_have_text("This is no kind of video file.")
    library.get_by_role("button", name="Dismiss").click()
    expect(library.locator("#uploads")).to_be_hidden()


def test_a_part_that_fails_is_sent_again(library: Page, tmp_path: Path) -> None:
    attempts: list[str] = []

    def fail_once(route: Route) -> None:
        attempts.append(route.request.url)
        if len(attempts) == 1:
            route.fulfill(status=200)  # a response without an ETag
        else:
            route.continue_()

    library.route("**/parts/*?signature=*", fail_once)
    library.set_input_files("#upload input[type=file]", _link_file(tmp_path, footage.real("bikes"), "Second try.mp4"))
    expect(library.locator(card("Second try"))).to_be_visible(timeout=60_000)
    assert len(attempts) == 2


RETRYING = "connection lost, retrying"


def test_a_video_whose_response_was_lost_is_shown_after_a_reload(library: Page, tmp_path: Path) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        _respond_with_login_page(route)

    library.route("**/complete", lose)
    library.set_input_files("#upload input[type=file]", _write_two_part_file(tmp_path, "Lost answer.mp4"))
    expected_text = f"Finishing upload · {RETRYING}"
    expect(library.locator("#uploads [data-status]")).to_have_text(expected_text, timeout=60_000)
    expect(library.get_by_role("button", name="Cancel")).to_be_visible()
    library.unroute_all(behavior="wait")  # a retry may be on its way
    library.on("dialog", lambda dialog: dialog.accept())
    with library.expect_response("**/complete"):
        library.reload()
    expect(library.locator(card("Lost answer"))).to_be_visible()
    expect(library.locator("#uploads")).to_be_hidden()
    library.wait_for_function("() => !Object.values(localStorage).some((kept) => kept.includes('Lost answer'))")


def test_a_file_chosen_again_after_a_lost_response_is_the_same_video(library: Page, tmp_path: Path) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        _respond_with_login_page(route)

    file = _write_two_part_file(tmp_path, "Unheard.mp4")
    library.route("**/complete", lose)
    library.set_input_files("#upload input[type=file]", file)
    expected_text = f"Finishing upload · {RETRYING}"
    expect(library.locator("#uploads [data-status]")).to_have_text(expected_text, timeout=60_000)
    library.on("dialog", lambda dialog: dialog.accept())
    library.route("**/parts", _respond_with_login_page)
    library.reload()
    expect(library.locator("#uploads [data-status]")).to_have_text(
        "0 B of 13.1 MB uploaded. Choose the same file to resume."
    )
    library.unroute_all()
    library.set_input_files("#upload input[type=file]", file)
    expect(library.locator("#uploads")).to_be_hidden()
    expect(library.locator(card("Unheard"))).to_have_count(1)


def test_a_long_time_without_a_connection_does_not_end_an_upload(library: Page, tmp_path: Path) -> None:
    library.clock.install()
    library.reload()
    library.route("**/v2/uploads/*/**", _respond_with_login_page)
    library.set_input_files("#upload input[type=file]", _write_two_part_file(tmp_path, "Overnight.mp4"))
    say = library.locator("#uploads [data-status]")
    expect(say).to_have_text(f"0 B of 13.1 MB · {RETRYING}")
    for _ in range(30):
        library.clock.fast_forward(31_000)
        library.wait_for_timeout(50)
    expect(say).to_have_text(f"0 B of 13.1 MB · {RETRYING}")
    library.unroute_all()
    library.clock.fast_forward(31_000)  # only once: a second jump would abort the requests in progress now
    expect(library.locator(card("Overnight"))).to_be_visible(timeout=60_000)


def test_a_refused_file_that_is_chosen_again_is_announced_again(library: Page, tmp_path: Path) -> None:
    file = _link_file(tmp_path, footage.real("bikes"), "After all.mp4")
    library.route("**/v2/uploads", lambda route: _refuse(route, "No token is left.", 402))
    library.set_input_files("#upload input[type=file]", file)
    expect(library.locator("#uploads").get_by_role("alert")).to_have_text("No token is left.")
    library.unroute("**/v2/uploads")
    with library.expect_response("**/v2/uploads"):
        library.set_input_files("#upload input[type=file]", file)
    expect(library.locator("#uploads")).to_be_hidden()


def test_a_file_that_another_tab_uploads_is_not_uploaded_twice(library: Page, tmp_path: Path) -> None:
    file = _write_two_part_file(tmp_path, "Two tabs.mp4")
    library.route("**/parts/2?signature=*", lambda route: None)  # the second part never arrives
    with library.expect_response(lambda answer: "/parts/1?" in answer.url and answer.request.method == "PUT"):
        library.set_input_files("#upload input[type=file]", file)
    other = library.context.new_page()
    other.goto(library.url)
    other.set_input_files("#upload input[type=file]", file)
    expect(other.locator("#uploads").get_by_role("alert")).to_have_text("This file is being uploaded in another tab.")
    library.get_by_role("button", name="Cancel").click()
    expect(library.locator("#uploads")).to_be_hidden()


def test_a_file_that_already_exists_becomes_the_version_with_a_message(library: Page, tmp_path: Path) -> None:
    for name in ("Cut one", "Cut two"):
        library.set_input_files("#upload input[type=file]", _write_two_part_file(tmp_path, f"{name}.mp4"))
        expect(library.locator(card(name))).to_be_visible()
    first = library.locator(card("Cut one")).get_attribute("data-video")
    library.goto(f"/library/?version_of={first}")
    library.set_input_files("#upload input[type=file]", tmp_path / "Cut two.mp4")
    expected_text = "“Cut two” is already in your library, as version 2 of this video."
    expect(library.get_by_text(expected_text)).to_be_visible()


def test_two_videos_are_picked_swapped_and_compared(signed_in: Page, site: str, tmp_path: Path) -> None:
    ensure_videos(signed_in, site, tmp_path)
    compare_form = signed_in.get_by_role("form", name="Compare two videos")
    expect(compare_form).to_be_hidden()
    pick_videos(signed_in)
    expect(compare_form.locator("[data-chosen=a]")).to_have_text(A_TITLE)
    compare_form.get_by_role("button", name="Swap A and B").click()
    expect(compare_form.locator("[data-chosen=a]")).to_have_text(B_TITLE)
    compare_form.get_by_role("button", name="Compare", exact=True).click()
    signed_in.wait_for_url(re.compile(r"/compare/[0-9a-f-]{36}/"))
    signed_in.wait_for_selector("#compare[data-ready]", timeout=60_000)  # the page opens the result automatically
    expect(signed_in.locator("#player-a .name")).to_have_text(B_TITLE)


def test_both_videos_are_sent_while_the_cards_are_replaced(signed_in: Page, site: str, tmp_path: Path) -> None:
    ensure_videos(signed_in, site, tmp_path)
    pick_videos(signed_in)
    with signed_in.expect_request(f"{site}/compare/") as sent:
        signed_in.evaluate(
            """() => {
              const results = document.getElementById("library-results");
              results.outerHTML = results.outerHTML; // as new cards come: no choice is selected
              document.querySelector("#compare-bar [data-do=compare]").click();
            }"""
        )
    posted = parse_qs(sent.value.post_data or "")
    assert posted["a"] != posted["b"]


def test_the_header_shows_that_live_updates_work(library: Page) -> None:
    expect(library.locator("#live")).to_have_text("Live")


def test_without_a_socket_cards_are_polled(signed_in: Page, site: str, tmp_path: Path) -> None:
    signed_in.route_web_socket(re.compile("/ws/events/"), lambda socket: socket.close())
    signed_in.goto(f"{site}/library/")
    expect(signed_in.locator("#live")).to_have_text(re.compile("Reconnecting|Offline"))
    file = _link_file(tmp_path, footage.real("bigbuckbunny"), "Polled.mp4")
    signed_in.set_input_files("#upload input[type=file]", file)
    expect(signed_in.locator(f"{card('Polled')}.ready")).to_be_visible(timeout=60_000)


def _link_file(folder: Path, file: Path, name: str) -> Path:
    named = folder / name
    named.symlink_to(file)
    return named


def _write_two_part_file(folder: Path, name: str) -> Path:
    """Write a clip of two parts. The free space after its last box contains the name, so that all files differ."""
    free = 12 * 1024 * 1024
    space = name.encode().ljust(free - 8, b"\0")
    padded = footage.real("bikes").read_bytes() + free.to_bytes(4, "big") + b"free" + space
    (folder / name).write_bytes(padded)
    return folder / name


def _respond_with_login_page(route: Route) -> None:
    """Respond like a network with a login page."""
    route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to this hotel</h1>")


def _refuse(route: Route, message: str, status: int = 415) -> None:
    route.fulfill(status=status, json={"error": {"code": "UNSUPPORTED_MEDIA_TYPE", "message": message, "details": {}}})


def test_hovering_over_a_card_previews_its_video(signed_in: Page, site: str, tmp_path: Path) -> None:
    ensure_videos(signed_in, site, tmp_path)
    still = signed_in.locator(f"{card(B_TITLE)} .still")
    still.hover(position={"x": 20, "y": 40})
    canvas = still.locator("canvas")
    drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()"
    signed_in.wait_for_function("() => document.querySelector('.still canvas')?.width === 240")
    first = canvas.evaluate(drawn)
    still.hover(position={"x": 200, "y": 40})
    other = f"canvas && ({drawn})(canvas) !== before"  # an update of the list may replace the card and its canvas
    signed_in.wait_for_function(
        f"before => {{ const canvas = document.querySelector('.still canvas'); return {other}; }}", arg=first
    )
    signed_in.mouse.move(0, 0)
    expect(canvas).to_have_count(0)
