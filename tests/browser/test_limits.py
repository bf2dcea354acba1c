"""What a page's scripts do when they are refused because they asked too often."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from playwright.sync_api import expect

from tests.site import Site


@contextmanager
def exhausted(live_site: Site, which: str, email: str) -> Iterator[None]:
    """That person has asked far too often for things of one class, as the limiter sees it."""
    said = live_site.run(f"from accounts.models import User; print('user', User.objects.get(email={email!r}).pk)")
    kept = redis.Redis.from_url(live_site.stack.redis_url())
    key, window = f"sage-limits:{which}:user:{said.split('user ')[1].strip()}", int(time.time() // 60)
    kept.hset(key, mapping={"window": window, "now": 10**12, "before": 0})  # so many weigh in the next one as well
    yield
    kept.delete(key)


def test_a_script_that_was_refused_does_not_ask_again_before_it_may(live_site, signed_in):
    asked = []
    signed_in.goto("/library/")
    signed_in.on("request", lambda request: asked.append(request.url) if "/notices/?list" in request.url else None)
    bell = signed_in.locator("#bell > summary")

    with exhausted(live_site, "partials", "alice@example.org"):
        with signed_in.expect_response(lambda response: "/notices/?list" in response.url) as refused:
            bell.click()
        assert refused.value.status == 429 and int(refused.value.headers["retry-after"]) > 0
        for _ in range(4):
            bell.click()
        expect(signed_in.locator("#bell")).to_have_attribute("open", "")

    assert len(asked) == 1
