import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import pictures
from sage.storage import storage

pytestmark = pytest.mark.django_db


def drawing(kind, size=(300, 200), mode="RGB", **options):
    content = io.BytesIO()
    Image.new(mode, size, "#c03030").save(content, kind, **options)
    return content.getvalue()


def send(client, content, name="p.png"):
    return client.post("/account/picture/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def kept(user):
    return list(storage.keys(f"pictures/{user.pk}"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_small_and_square(alices, alice, kind, client):
    secret = b"where I live"
    options = {"exif": b"Exif\0\0" + secret} if kind == "JPEG" else {}
    assert "being drawn" in send(alices, drawing(kind, **options)).content.decode()

    pictures.draw(alice.pk)
    pictures.draw(alice.pk)

    alice.refresh_from_db()
    answer = client.get(alice.picture_url)
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size, answer["Content-Type"]) == ("JPEG", (256, 256), "image/jpeg")
    assert shown.getpixel((128, 128))[0] > 150 > shown.getpixel((128, 128))[2] and secret not in answer.content
    assert kept(alice) == [alice.picture]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"GIF89a" + bytes(100), "no PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(pictures.MOST_BYTES), "larger than 2 MB"),
    ],
)
def test_what_is_no_small_picture_is_not_taken_in(alices, alice, content, says):
    assert says in send(alices, content).content.decode()

    alice.refresh_from_db()
    assert alice.picture_sent == "" and kept(alice) == []


def test_a_picture_that_cannot_be_drawn_leaves_the_one_before_and_says_so(alices, alice):
    send(alices, drawing("PNG"))
    pictures.draw(alice.pk)
    alice.refresh_from_db()
    before = alice.picture

    for content in (b"\x89PNG\r\n\x1a\n" + bytes(500), drawing("PNG", (4000, 10)), drawing("PNG", (9000, 5000), "L")):
        send(alices, content)
        pictures.draw_waiting()

        alice.refresh_from_db()
        assert (alice.picture, alice.picture_sent) == (before, "") and alice.picture_error
        assert alice.picture_error in alices.get("/account/").content.decode()
        assert kept(alice) == [before]


def test_the_newest_of_two_is_shown_and_a_removed_one_is_gone(alices, alice, client):
    send(alices, drawing("PNG"))
    send(alices, drawing("JPEG"))
    pictures.draw(alice.pk)
    alice.refresh_from_db()
    url = alice.picture_url
    assert kept(alice) == [alice.picture]

    alices.post("/account/picture/", {"remove": "1"})

    assert client.get(url).status_code == 404 and kept(alice) == []
