import pytest

from sage.pages import layout
from sage.pages.layout import HeaderFragment, NavigationItem, Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch):
    for name in ("_items", "_fragments", "_scripts"):
        monkeypatch.setattr(layout, name, list(getattr(layout, name)))


def read_main_navigation(client):
    page = client.get("/library/").content.decode()
    start = page.index('<nav class="nav"')
    return page[start : page.index("</nav>", start)]


def test_every_page_has_the_navigation_of_all_apps_in_order(alice_client):
    page = alice_client.get("/library/").content.decode()

    main = read_main_navigation(alice_client)
    assert main.index(">Library</a>") < main.index(">Compare</a>")
    assert page.index("Account</a>") < page.index("Plan and usage<span")


def test_an_app_adds_an_item_to_the_main_navigation(alice_client):
    layout.add_navigation_item(NavigationItem(label="Toys", url_name="theme", order=15))

    main = read_main_navigation(alice_client)

    assert main.index(">Library</a>") < main.index('<a href="/theme/" >Toys</a>') < main.index(">Compare</a>")


def test_an_app_adds_an_item_with_a_fragment_to_the_account_menu(alice_client):
    layout.add_navigation_item(
        NavigationItem(
            label="Toys",
            url_name="theme",
            order=5,
            place=Place.MENU,
            icon="clock",
            template="billing/_menu_balance.html",
        )
    )

    page = alice_client.get("/library/").content.decode()

    assert page.index("#clock") < page.index("Toys<span") < page.index("Account</a>")


def test_an_app_adds_a_header_fragment_and_a_script(alice_client):
    layout.add_header_fragment(HeaderFragment(template="billing/_header_balance.html", order=30))
    layout.add_script("sage/toast.js")

    page = alice_client.get("/library/").content.decode()

    assert page.count("data-tokens-left") == 3
    assert "sage/toast" in page


@pytest.mark.parametrize(
    ("path", "library", "compare"),
    [("/library/", "page", ""), ("/videos/1/", "true", ""), ("/compare/", "", "page"), ("/compare/1/", "", "true")],
)
def test_the_item_of_the_current_page_and_section_is_marked(rf, path, library, compare):
    items = {item["label"]: item["current"] for item in layout.list_navigation(rf.get(path), Place.MAIN)}

    assert items == {"Library": library, "Compare": compare, "Notes": "", "Ask": "", "Outputs": ""}


def test_a_visitor_who_is_not_signed_in_sees_no_navigation(client):
    page = client.get("/account/login/").content

    assert b'class="nav"' not in page and b"balance" not in page


def test_the_header_costs_two_queries(alice_client, django_assert_max_num_queries):
    alice_client.get("/notices/")

    with django_assert_max_num_queries(6):  # session, user, list, its count, and in the header: balance, unread
        alice_client.get("/notices/")
