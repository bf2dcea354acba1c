import pytest

from sage.pages.markdown import render_markdown


def test_markdown_is_rendered():
    html = render_markdown("Too **early**\nby ~~two~~ three\n\n- a\n- b")

    assert html == "<p>Too <strong>early</strong><br>\nby <s>two</s> three</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"


def test_links_give_no_credit_and_no_opener():
    assert render_markdown("[a](https://example.org)") == (
        '<p><a href="https://example.org" rel="nofollow noopener">a</a></p>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHN2Zz4=)",
        "<a href='javascript:alert(1)'>a</a>",
        "![a](https://example.org/a.png)",
        "[a](<javascript:alert(1)> 'x')",
        "<javascript:alert(1)>",
        '[a](https://example.org "\\" onclick=\\"alert(1)")',
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_in_it_runs_or_loads(text):
    html = render_markdown(text).lower()

    for part in ("<script", "<img", "<svg", 'href="javascript', 'href="data', ' onclick="', "<a href='"):
        assert part not in html


def test_nothing_is_nothing():
    assert render_markdown(None) == ""
