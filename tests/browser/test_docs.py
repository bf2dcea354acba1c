"""The API documentation works under the Content-Security-Policy."""


def test_an_operation_can_be_opened(page):
    page.goto("/v2/docs/")

    page.locator("#operations-comparisons-create_comparison button").first.click()

    page.get_by_text("Compare two of your videos").wait_for()
    assert page.locator(".opblock").count() >= 15
