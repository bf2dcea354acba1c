from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


def test_the_balance_updates_live_in_the_header_and_on_the_page(signed_in, live_site):
    signed_in.goto("/account/plan/")
    header = signed_in.locator(".bar .tokens [data-tokens-left]")
    left = int(header.inner_text().replace(",", ""))
    expect(signed_in.locator("#live")).to_have_attribute("data-state", "live")

    live_site.run(
        "from billing import ledger; from accounts.models import User; "
        "alice = User.objects.get(email='alice@example.org').pk; "
        "ledger.grant(alice, 1000, 'Thanks', 'thanks'); ledger.hold(alice, 90, 'going on')"
    )

    for place in (header, signed_in.locator("main [data-tokens-left]")):
        expect(place).to_have_text(f"{left + 910:,}")
    expect(signed_in.get_by_text("90 on hold")).to_be_visible()
    for width in (1440, 390):
        signed_in.set_viewport_size({"width": width, "height": 900})
        assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not Axe().run(signed_in).response["violations"]


def test_an_older_message_that_arrives_late_is_ignored(signed_in):
    signed_in.goto("/account/plan/")
    send = "event => document.dispatchEvent(new CustomEvent('sage:topic:balance', { detail: event }))"

    for number, left in ((9_000_002, 1111), (9_000_001, 2222)):
        signed_in.evaluate(send, {"token_balance": left, "held": 0, "number": number})

    expect(signed_in.locator("main [data-tokens-left]")).to_have_text("1,111")
