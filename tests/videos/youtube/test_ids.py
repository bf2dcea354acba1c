import pytest

from sage.errors import InvalidInput
from videos.youtube.ids import parse_youtube_id

ID = "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    "address",
    [
        ID,
        f" {ID} ",
        f"https://www.youtube.com/watch?v={ID}",
        f"http://youtube.com/watch?t=30&v={ID}#comments",
        f"m.youtube.com/watch?v={ID}&pp=x",
        f"https://music.youtube.com/watch?v={ID}",
        f"https://youtu.be/{ID}?si=abc",
        f"HTTPS://www.youtube.com/shorts/{ID}",
        f"https://www.youtube.com/live/{ID}?feature=share",
        f"https://www.youtube-nocookie.com/embed/{ID}/",
        f"https:/www.youtube.com/watch?v={ID}",
    ],
)
def test_it_reads_the_id_of_each_kind_of_address(address):
    assert parse_youtube_id(address) == ID


@pytest.mark.parametrize(
    "address",
    [
        "",
        "dQw4w9WgXc",
        "dQw4w9WgXcQQ",
        "dQw4w9WgX\u00e9Q",
        "https://www.youtube.com/",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/@channel",
        f"https://evil.example/watch?v={ID}",
        f"https://www.youtube.com.evil.example/watch?v={ID}",
        f"https://evil.example/?u=https://youtu.be/{ID}",
        f"javascript://youtu.be/{ID}",
        f"https://user@youtu.be/{ID}",
        "https://youtu.be/" + "a" * 3000,
        f"https://youtu.be/{ID}\x00",
    ],
)
def test_it_refuses_anything_else(address):
    with pytest.raises(InvalidInput, match="not the address"):
        parse_youtube_id(address)


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.youtube.com/watch?v={ID}&list=PL1",
        f"https://youtu.be/{ID}?list=PL1",
        f"https://youtu.be/{ID}?list=",
        "https://www.youtube.com/playlist?list=PL1",
    ],
)
def test_it_refuses_a_playlist(address):
    with pytest.raises(InvalidInput, match="playlist") as caught:
        parse_youtube_id(address)

    assert caught.value.details == [{"field": "url", "message": caught.value.message, "type": "playlist"}]
