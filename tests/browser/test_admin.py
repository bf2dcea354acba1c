"""The pages of the admin work under the Content-Security-Policy."""

import subprocess
import sys

import pytest

from tests.browser.conftest import PASSWORD
from tests.servers import ROOT


@pytest.fixture(scope="session")
def operator(live_site, browser):
    """Create an operator as the README describes and return the cookies of their session."""
    environment = {
        **live_site.environment,
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "DJANGO_SUPERUSER_EMAIL": "root@example.org",
        "DJANGO_SUPERUSER_NAME": "Root",
    }
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Email").fill("root@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/admin/")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.mark.parametrize(
    "path", ["", "accounts/user/", "accounts/user/add/", "videos/video/", "videos/job/?q=planet", "videos/comparison/"]
)
def test_an_operator_opens_the_admin(new_page, operator, path):
    page = new_page()
    page.context.add_cookies(operator)

    answer = page.goto(f"/admin/{path}")

    assert answer.status == 200
    page.get_by_role("link", name="Django administration").wait_for()


def test_an_operator_opens_a_user(new_page, operator):
    page = new_page()
    page.context.add_cookies(operator)
    page.goto("/admin/accounts/user/")

    page.get_by_role("link", name="root@example.org").click()

    page.locator("#id_name").wait_for()
