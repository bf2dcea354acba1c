"""The page that describes the API works under the site's own policy: whatever its console complained of would fail."""


def test_a_call_can_be_read_up(page):
    page.goto("/v2/docs/")

    page.locator("#operations-comparisons-create_comparison button").first.click()

    page.get_by_text("Compare two of one's own videos").wait_for()
    assert page.locator(".opblock").count() >= 15
