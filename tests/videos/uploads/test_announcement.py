import pytest

from sage.errors import UnsupportedMediaType
from videos.media.formats import EXTENSIONS
from videos.uploads.announcement import build_storage_key, check_file_type, clean_content_type, clean_filename


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
def test_file_names_are_cleaned(given, kept):
    assert clean_filename(given) == kept


@pytest.mark.parametrize("name", ["../../x.mp4", "🎬.mp4", "a b&c<d>.mov", "a" * 300 + ".mp4", "..."])
def test_storage_keys_contain_only_safe_characters(name):
    key = build_storage_key(clean_filename(name))

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
def test_a_content_type_is_cleaned(given, kept):
    assert clean_content_type(given) == kept


@pytest.mark.parametrize("ending", [*sorted(EXTENSIONS), "MP4"])
def test_every_supported_extension_is_accepted(ending):
    check_file_type(f"film.{ending}", "application/octet-stream")


def test_a_site_can_accept_fewer_extensions(settings):
    settings.UPLOAD_ENDINGS = frozenset({"mov", "mxf"})

    check_file_type("film.MXF", "")
    for name in ("film.mp4", "film"):
        with pytest.raises(UnsupportedMediaType, match="Choose one of these: mov, mxf"):
            check_file_type(name, "video/mp4")
