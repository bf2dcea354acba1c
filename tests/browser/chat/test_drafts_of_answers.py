"""The Markdown of an answer while it is written, piece by piece, in a real browser."""

import pytest
from playwright.sync_api import Page

from tests.site import Site

SHOW = """
async ([pieces, mark]) => {
  const { showDraft } = await import("/static/chat/draft.js");
  const element = document.createElement("div");
  let content = "";
  for (const piece of pieces) {
    showDraft(element, (content += piece));
    if (mark) element.firstElementChild.dataset.kept = "";
  }
  return element.innerHTML;
}
"""
CASES = {
    "Two **bo": "<p>Two <strong>bo</strong></p>",
    "One `co": "<p>One <code>co</code></p>",
    "2 * 3 ** 4": "<p>2 * 3 ** 4</p>",
    "Six [0:05] *or* seven [1:02:03].": (
        '<p>Six <span class="cite">0:05</span> <em>or</em> seven <span class="cite">1:02:03</span>.</p>'
    ),
    "# Title\nText\nmore": "<h1>Title</h1><p>Text\nmore</p>",
    "```py\nif a < b:\n": "<pre><code>if a &lt; b:\n</code></pre>",
    "```\n**a**\n```\nb": "<pre><code>**a**</code></pre><p>b</p>",
    "| A | B": "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody></tbody></table>",
    "| A | B |\n|--": "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody></tbody></table>",
    "| A |\n|---|\n| `c` |\n\nEnd": (
        "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td><code>c</code></td></tr></tbody></table><p>End</p>"
    ),
    "- one\n- two\n  - inner\n- three": "<ul><li>one</li><li>two<ul><li>inner</li></ul></li><li>three</li></ul>",
    "3. one\n4. two": '<ol start="3"><li>one</li><li>two</li></ol>',
    "- one\n\nText": "<ul><li>one</li></ul><p>Text</p>",
    "> said\n> twice": "<blockquote><p>said\ntwice</p></blockquote>",
    "a\n\n---\n\nb": "<p>a</p><hr><p>b</p>",
    "<img src=x onerror=alert(1)>": "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "[press](javascript:alert(1)) [half](http": "<p>press) half</p>",
}


@pytest.fixture
def page(new_page, live_site: Site) -> Page:
    page = new_page()
    page.goto("/login/")
    return page


def test_markdown_is_shown_before_it_is_complete(page: Page) -> None:
    for text, html in CASES.items():
        assert page.evaluate(SHOW, [list(text), False]) == html


def test_a_paragraph_that_is_complete_is_not_made_again(page: Page) -> None:
    html = page.evaluate(SHOW, [["One.\n\nT", "wo", "."], True])

    assert html == '<p data-kept="">One.</p><p>Two.</p>'


def test_long_and_deep_answers_are_shown_without_delay(page: Page) -> None:
    for sign, count in (("> ", 20_000), ("- ", 20_000), ("**", 20_000), ("*a", 20_000), ("[", 40_000), ("`", 40_000)):
        timed = f"""async (given) => {{
          const began = performance.now();
          await ({SHOW})(given);
          return performance.now() - began;
        }}"""
        assert page.evaluate(timed, [[sign * count], False]) < 10_000
