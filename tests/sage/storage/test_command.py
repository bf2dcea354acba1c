import io

import pytest
from django.core.management import CommandError, call_command

from tests.s3 import PAGE


def check() -> str:
    out = io.StringIO()
    call_command("storage", "check", stdout=out)
    return out.getvalue()


def test_a_disk_that_works_is_told(settings):
    said = check()

    assert str(settings.MEDIA_ROOT) in said
    assert "Writing and deleting: well." in said


def test_a_disk_that_does_not_work_ends_with_what_is_wrong(settings, tmp_path, monkeypatch):
    from sage.storage import choose, storage

    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file"
    monkeypatch.setattr(storage, "_wrapped", choose())

    with pytest.raises(CommandError, match="does not work"):
        check()


def test_a_bucket_is_tried_whole_and_told_what_it_needs(on_s3, settings):
    settings.SITE_URL, settings.CORS_ALLOWED_ORIGINS = PAGE, ["chrome-extension://abcdefgh"]

    said = check()

    assert f'"AllowedOrigins": [\n      "{PAGE}",\n      "chrome-extension://abcdefgh"' in said
    assert '"s3:AbortMultipartUpload"' in said and '"arn:aws:s3:::videos/*"' in said
    assert "Parts by signed addresses, and reading a range by one: well." in said
    assert f"Pages of {PAGE} may send parts: well." in said


def test_a_bucket_that_lets_no_page_send_is_told(on_s3, settings):
    settings.SITE_URL = "https://elsewhere.example"

    assert "Pages of https://elsewhere.example may NOT send parts: set the CORS rule" in check()
