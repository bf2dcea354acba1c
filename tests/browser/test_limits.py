"""Scripts of a page that exceed a rate limit."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from playwright.sync_api import expect

from tests.site import Site


@contextmanager
def exceed_limit(live_site: Site, scope: str, email: str) -> Iterator[None]:
    """Exceed the rate limit `scope` of a user in the counters."""
    output = live_site.run(f"from accounts.models import User; print('user', User.objects.get(email={email!r}).pk)")
    counters = redis.Redis.from_url(live_site.embedded.redis_url())
    key, window = f"sage-limits:{scope}:user:{output.split('user ')[1].strip()}", int(time.time() // 60)
    counters.hset(key, mapping={"window": window, "now": 10**12, "before": 0})  # enough to exceed the next window too
    yield
    counters.delete(key)


def test_a_rate_limited_script_waits_before_its_next_request(live_site, signed_in):
    requests = []
    signed_in.goto("/library/")
    signed_in.on("request", lambda request: requests.append(request.url) if "/notices/?list" in request.url else None)
    bell = signed_in.locator("#notifications-menu > summary")

    with exceed_limit(live_site, "partials", "alice@example.org"):
        with signed_in.expect_response(lambda response: "/notices/?list" in response.url) as refused:
            bell.click()
        assert refused.value.status == 429 and int(refused.value.headers["retry-after"]) > 0
        for _ in range(4):
            bell.click()
        expect(signed_in.locator("#notifications-menu")).to_have_attribute("open", "")

    assert len(requests) == 1
