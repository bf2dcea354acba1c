import pytest

from sage.errors import UnsupportedMedia
from videos.announced import check_kind, clean_name, clean_type, storage_key
from videos.media.formats import ENDINGS


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\films\\cut.mov", "cut.mov"),
        ("日本語 🎬.mp4", "日本語 🎬.mp4"),
        ("a" * 300 + ".mp4", "a" * 196 + ".mp4"),
        ("bad\x00\u202ename.mp4", "badname.mp4"),
        (".mp4", "video.mp4"),
        ("   ", "video"),
        ("x" * 400, "x" * 200),
    ],
)
def test_names_are_kept_as_far_as_they_are_harmless(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize("name", ["../../x.mp4", "🎬.mp4", "a b&c<d>.mov", "a" * 300 + ".mp4", "..."])
def test_storage_keys_hold_only_plain_letters(name):
    key = storage_key(clean_name(name))

    assert key.startswith("videos/")
    assert key.count("/") == 1
    assert len(key) < 140
    assert key.isascii()
    assert not set(key) & set(" &<>\\")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("video/mp4", "video/mp4"),
        ("Video/MP4; codecs=avc1", "video/mp4"),
        ("video/mp4\r\nX-Evil: 1", ""),
        ("text", ""),
        ("video/" + "x" * 200, ""),
    ],
)
def test_a_media_type_is_kept_plain(given, kept):
    assert clean_type(given) == kept


@pytest.mark.parametrize("ending", [*sorted(ENDINGS), "MP4"])
def test_every_ending_that_is_read_is_taken(ending):
    check_kind(f"film.{ending}", "application/octet-stream")


def test_a_site_may_take_fewer_kinds(settings):
    settings.UPLOAD_ENDINGS = frozenset({"mov", "mxf"})

    check_kind("film.MXF", "")
    for name in ("film.mp4", "film"):
        with pytest.raises(UnsupportedMedia, match="Choose one of these: mov, mxf"):
            check_kind(name, "video/mp4")
