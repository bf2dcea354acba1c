"""The archive of the browser extension and its pages."""

import io
import json
import re
import zipfile

import pytest

from accounts.extension import archive

ALLOWED = {"activeTab", "alarms", "scripting", "storage"}


def open_archive(client, **headers) -> zipfile.ZipFile:
    answer = client.get("/extension/sage-extension.zip", **headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.fixture
def manifest(client, db):
    return json.loads(open_archive(client).read("sage-extension/manifest.json"))


def test_the_archive_has_the_address_of_this_site(client, db):
    opened = open_archive(client)

    manifest = json.loads(opened.read("sage-extension/manifest.json"))
    assert manifest["host_permissions"] == ["http://testserver/*"]
    assert manifest["externally_connectable"] == {"matches": ["http://testserver/*"]}
    assert 'ADDRESS = "http://testserver";' in opened.read("sage-extension/config.js").decode()
    assert archive.PLACEHOLDER.encode() not in b"".join(opened.read(name) for name in opened.namelist())


def test_the_address_of_the_settings_goes_first(client, db, settings):
    settings.SITE_URL = "https://sage.example"

    assert b'"https://sage.example"' in open_archive(client).read("sage-extension/config.js")


def test_it_asks_for_the_fewest_permissions(manifest):
    assert manifest["manifest_version"] == 3
    assert set(manifest["permissions"]) == ALLOWED
    assert not manifest.keys() & {"content_scripts", "optional_host_permissions", "web_accessible_resources"}


def test_it_runs_no_code_of_elsewhere():
    for path in archive.SOURCES.iterdir():
        text = path.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|https?://(?!127\.0\.0\.1:8000)", text), path.name


def test_its_key_gives_it_the_same_id_everywhere():
    assert archive.find_extension_id() == "gffdnnfebpbdlaanoiedhlklanpjamlf"


def test_the_same_sources_give_the_same_archive():
    assert archive.build_archive("https://sage.example") == archive.build_archive("https://sage.example")


def test_visitors_read_how_to_install_it(client, db):
    page = client.get("/extension/").content.decode()

    assert "/extension/sage-extension.zip" in page
    assert "chrome://extensions" in page


def test_the_page_of_tokens_connects_it(confirmed_client):
    page = confirmed_client.post("/account/tokens/", {"name": "Browser extension", "hand_over": "1"}).content.decode()

    assert f'data-extension="{archive.find_extension_id()}"' in page
    assert "data-hand-over" in page
    assert "data-hand-over" not in confirmed_client.post("/account/tokens/", {"name": "Script"}).content.decode()
