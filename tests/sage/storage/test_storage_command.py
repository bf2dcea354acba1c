import io

import pytest
from django.core.management import CommandError, call_command

from tests.s3 import SITE_ORIGIN


def check() -> str:
    out = io.StringIO()
    call_command("storage", "check", stdout=out)
    return out.getvalue()


def test_a_working_disk_is_reported(settings):
    output = check()

    assert str(settings.MEDIA_ROOT) in output
    assert "Writing and deleting a file: OK." in output


def test_a_disk_that_does_not_work_fails_the_command(settings, tmp_path, monkeypatch):
    from sage.storage import create_storage, storage

    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file"
    monkeypatch.setattr(storage, "_wrapped", create_storage())

    with pytest.raises(CommandError, match="does not work"):
        check()


def test_a_bucket_is_checked_and_its_required_settings_are_printed(on_s3, settings):
    settings.SITE_URL, settings.CORS_ALLOWED_ORIGINS = SITE_ORIGIN, ["chrome-extension://abcdefgh"]

    output = check()

    assert f'"AllowedOrigins": [\n      "{SITE_ORIGIN}",\n      "chrome-extension://abcdefgh"' in output
    assert '"s3:AbortMultipartUpload"' in output and '"arn:aws:s3:::videos/*"' in output
    assert "Uploading parts and reading a file by signed URLs: OK." in output
    assert f"Uploads from pages of {SITE_ORIGIN}: OK." in output


def test_a_bucket_without_a_cors_rule_is_reported(on_s3, settings):
    settings.SITE_URL = "https://elsewhere.example"

    assert "Uploads from pages of https://elsewhere.example: not allowed. Add the CORS rule" in check()
