import pytest

from sage.providers.errors import ModelMissing
from sage.providers.extractive import NO_SOURCES, NOT_SAID, ExtractiveChatModel
from sage.providers.protocols import ChatMessage, ChatSource
from sage.providers.registry import choose_agent_model, choose_chat_model, choose_summary_model

SOURCES = [
    ChatSource("[0:05]", "Welcome back. The red car stops at the bridge. We will record the interview on Tuesday."),
    ChatSource("[1:05]", "Please make the logo bigger in the last scene! Anna walks her dog along the river."),
    ChatSource("[59:00]", "The budget for the shoot is four thousand euros.\nThank you for watching."),
]


def ask(question, sources=SOURCES):
    return list(choose_chat_model().stream([ChatMessage("user", question)], sources))


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What colour is the car?", "“The red car stops at the bridge.” [0:05]"),
        ("When is the interview?", "“We will record the interview on Tuesday.” [0:05]"),
        ("Who has a dog?", "“Anna walks her dog along the river.” [1:05]"),
        ("What should change about the logo?", "“Please make the logo bigger in the last scene!” [1:05]"),
        ("How much money does the shoot cost?", "“The budget for the shoot is four thousand euros.” [59:00]"),
    ],
)
def test_the_answer_quotes_the_best_sentence_with_its_label(question, quote):
    lead, first, *others = ask(question)

    assert lead == "These passages may answer your question:"
    assert first.strip() == quote
    assert len(others) <= 2


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "Is the moon made of cheese?", "How do I bake bread?", "Taxes?"]
)
def test_what_is_not_said_is_not_made_up(question):
    assert ask(question) == [NOT_SAID]


def test_a_question_for_a_summary_gets_typical_sentences_in_order():
    lead, *quotes = ask("What is this video about?")

    assert lead == "These passages are typical of the video:"
    text = " ".join(source.text for source in SOURCES)
    places = [text.index(quote.strip().partition("”")[0].removeprefix("“")) for quote in quotes]
    assert len(places) == 3 and places == sorted(places)


def test_the_last_question_of_a_conversation_counts():
    messages = [
        ChatMessage("user", "Who has a dog?"),
        ChatMessage("assistant", "Anna."),
        ChatMessage("user", "The car?"),
    ]

    assert "red car" in "".join(choose_chat_model().stream(messages, SOURCES))


@pytest.mark.parametrize("sources", [[], [ChatSource("[0:00]", " … ")]])
def test_without_text_it_says_what_to_do(sources):
    assert ask("Who has a dog?", sources) == [NO_SOURCES]


def test_one_sentence_is_quoted_once():
    repeated = [ChatSource(f"[0:0{second}]", "Anna walks her dog.") for second in range(5)]

    assert ask("Who has a dog?", repeated)[1:] == ["\n\n“Anna walks her dog.” [0:00]"]


def test_it_is_the_default_of_all_purposes():
    assert choose_chat_model() is choose_summary_model() is choose_agent_model()
    assert choose_chat_model().model == "extractive:quotes"
    with pytest.raises(ModelMissing, match="Use extractive:quotes"):
        ExtractiveChatModel("answers")
