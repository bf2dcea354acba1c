import pytest

from videos.announced import clean_name, clean_type, storage_key


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
