import pytest

from chat.training import reviewing
from chat.training.models import TrainingPair, TrainingSet

pytestmark = pytest.mark.django_db
LIST_QUERIES = 8
SET_QUERIES = 10


@pytest.fixture
def url(training_set):
    return f"/training/{training_set.pk}/"


@pytest.fixture
def change(alice_client, training_set):
    """Return a function that sends the form of the first pair."""
    pair = training_set.pairs.get(number=1)

    def change(**fields):
        return alice_client.post(f"/training/{training_set.pk}/pairs/{pair.pk}/", {"version": 1, **fields})

    return change


def test_a_set_is_created_by_a_plain_form(alice_client, make_examples, harbour):
    output = make_examples(("What does it cost?", "Thirty euros per month."))
    page = alice_client.get("/training/").content.decode()
    assert f'value="{output.pk}"' in page
    made = alice_client.post("/training/create/", {"title": "Calls", "videos": [str(harbour.pk)]}, follow=True)

    assert "Thirty euros per month." in made.content.decode()
    assert "Calls" in alice_client.get("/training/").content.decode()
    assert 'href="/training/"' in alice_client.get("/outputs/").content.decode()


def test_more_is_added_later(alice_client, url, training_set, make_examples):
    alice_client.post(f"{url}add/", {"outputs": [make_examples(("Why?", "To save time.")).pk]})
    assert training_set.pairs.count() == 4


def test_the_page_links_to_the_second_and_groups_duplicates(alice_client, url, training_set, harbour, run_job):
    run_job(training_set)
    page = alice_client.get(url).content.decode()

    assert f'href="/videos/{harbour.pk}/?t=35.000"' in page
    assert "Not a duplicate" in page
    duplicates = alice_client.get(f"{url}?status=duplicate").content.decode()
    assert 'id="pair-1"' in duplicates
    assert 'id="pair-2"' in duplicates
    assert 'id="pair-3"' not in duplicates


def test_forms_accept_edit_and_restore_a_duplicate(alice_client, url, training_set, change, run_job):
    assert change(status="accepted", back=f"{url}?status=new").url == f"{url}?status=new#pair-1"
    change(version=2, input="What is the price?", output="It costs forty euros.")
    pair = training_set.pairs.get(number=1)

    assert (pair.status, pair.input, pair.is_edited) == ("accepted", "What is the price?", True)


def test_a_redirect_stays_on_this_site(change, url):
    assert change(status="accepted", back="//example.org/").url == f"{url}#pair-1"


def test_a_stale_edit_is_shown_beside_the_stored_texts(change):
    change(input="What is the price?", output="It costs forty euros.")
    refused = change(input="Is it dear?", output="<b>No.</b>")
    page = refused.content.decode()

    assert refused.status_code == 409
    assert reviewing.STALE in page
    assert "It costs forty euros." in page
    assert "&lt;b&gt;No.&lt;/b&gt;" in page
    assert TrainingPair.objects.get(number=1).output_text == "It costs forty euros."


def test_a_stale_review_is_refused(change):
    change(status="accepted")
    refused = change(status="rejected")
    assert refused.status_code == 409
    assert "was not saved" in refused.content.decode()


@pytest.mark.parametrize("fields", [{"input": "", "output": "x"}, {"status": "lost"}, {"version": "x"}])
def test_invalid_forms_are_refused(change, fields):
    assert change(**fields).status_code == 400


def test_markup_in_pairs_is_shown_as_text(alice_client, make_examples):
    attack = "<script>alert(1)</script>"
    output = make_examples((attack, attack))
    alice_client.post("/training/create/", {"title": attack, "outputs": [output.pk]})
    for page in ("/training/", TrainingSet.objects.get().get_absolute_url()):
        assert "<script>alert" not in alice_client.get(page).content.decode()


def test_the_query_counts_do_not_grow(
    alice_client, viewer, url, training_set, make_examples, django_assert_num_queries
):
    from chat.training import collecting

    alice_client.get(url)
    for _ in range(3):
        collecting.create_set(viewer, "More", [make_examples(("Why?", "To save time.")).pk])
    with django_assert_num_queries(LIST_QUERIES):
        alice_client.get("/training/")
    with django_assert_num_queries(SET_QUERIES):
        alice_client.get(url)
    first = training_set.pairs.get(number=1)
    known = {"set": training_set, "video": first.video, "input": "Why?", "output_text": "To save time."}
    TrainingPair.objects.bulk_create(TrainingPair(number=n, place=n, **known) for n in range(4, 5_001))
    for query in ("", "?page=200", "?status=new&page=3"):
        with django_assert_num_queries(SET_QUERIES):
            page = alice_client.get(url + query).content.decode()
        assert page.count('class="training-pair"') == 25


def test_deleting_offers_to_undo(alice_client, url, training_set):
    page = alice_client.post(f"{url}delete/", follow=True).content.decode()
    assert f'action="{url}restore/"' in page
    assert alice_client.get(url).status_code == 404
    alice_client.post(f"{url}restore/")
    assert alice_client.get(url).status_code == 200


def test_a_deleted_set_is_removed_later(training_set):
    TrainingSet.all_objects.update(deleted_at="2020-01-01T00:00Z")
    reviewing.delete_expired()
    assert not TrainingSet.all_objects.exists()


def test_strangers_get_404(bob_client, url, training_set):
    pair = training_set.pairs.first()
    for path in (url, f"{url}export/"):
        assert bob_client.get(path).status_code == 404
    for action in ("add", "delete", "restore", f"pairs/{pair.pk}"):
        assert bob_client.post(f"{url}{action}/", {"version": 1, "status": "accepted"}).status_code == 404
    assert "Sales calls" not in bob_client.get("/training/").content.decode()
