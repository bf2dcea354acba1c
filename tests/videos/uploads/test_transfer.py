import io
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from accounts.viewer import Viewer
from sage import errors
from tests.videos.uploads.parts import put, start_upload
from videos.models import Upload
from videos.uploads import transfer

pytestmark = pytest.mark.django_db


def test_a_part_of_the_wrong_size_is_refused(upload_in_parts):
    with pytest.raises(errors.ApplicationError, match="has 2 bytes, but 4"):
        put(upload_in_parts, 1, b"ab")


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_part_outside_the_file_has_no_url(upload_in_parts, number):
    with pytest.raises(errors.InvalidInput, match="parts 1 to 3"):
        transfer.sign_part_url(upload_in_parts, number)


def test_a_part_url_is_valid_only_for_its_part(upload_in_parts):
    signature = transfer.sign_part_url(upload_in_parts, 1)["url"].partition("signature=")[2]

    with pytest.raises(errors.Forbidden, match="another part"):
        transfer.write_part(upload_in_parts.pk, 2, signature, io.BytesIO(b"efgh"))
    with pytest.raises(errors.Forbidden, match="not signed"):
        transfer.write_part(upload_in_parts.pk, 1, signature[:-1] + "_", io.BytesIO(b"abcd"))


def test_a_part_url_expires(upload_in_parts, monkeypatch):
    signature = transfer.sign_part_url(upload_in_parts, 1)["url"].partition("signature=")[2]
    monkeypatch.setattr(transfer, "ADDRESS_LIVES", timedelta(seconds=-1))

    with pytest.raises(errors.Forbidden, match="expired"):
        transfer.write_part(upload_in_parts.pk, 1, signature, io.BytesIO(b"abcd"))


def test_an_expired_upload_is_410(upload_in_parts):
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    upload_in_parts.refresh_from_db()

    with pytest.raises(errors.Gone, match="Start a new one"):
        transfer.sign_part_url(upload_in_parts, 1)


def test_requesting_part_urls_extends_an_upload(upload_in_parts):
    Upload.objects.update(expires_at=timezone.now() + timedelta(hours=3))
    upload_in_parts.refresh_from_db()

    transfer.list_parts(upload_in_parts)
    upload_in_parts.refresh_from_db()
    assert upload_in_parts.expires_at < timezone.now() + timedelta(hours=4)
    transfer.sign_part_url(upload_in_parts, 1)
    upload_in_parts.refresh_from_db()
    assert upload_in_parts.expires_at > timezone.now() + timedelta(hours=47)

    prolonged = upload_in_parts.expires_at
    transfer.sign_part_url(upload_in_parts, 2)
    upload_in_parts.refresh_from_db()
    assert upload_in_parts.expires_at == prolonged


def test_an_upload_has_a_maximum_lifetime(upload_in_parts):
    soon = timezone.now() + timedelta(minutes=5)
    Upload.objects.update(created_at=soon - transfer.MAX_UPLOAD_LIFETIME, expires_at=soon)
    upload_in_parts.refresh_from_db()

    transfer.sign_part_url(upload_in_parts, 1)

    upload_in_parts.refresh_from_db()
    assert upload_in_parts.expires_at == soon


def test_on_s3_sage_accepts_no_parts(on_s3, alice):
    upload = start_upload(Viewer(alice), "a.mp4", 10)
    signature = signing.dumps([str(upload.pk), 1], salt="upload-part")

    with pytest.raises(errors.Conflict, match="does not take parts itself"):
        transfer.write_part(upload.pk, 1, signature, io.BytesIO(b"abcdefghij"))
