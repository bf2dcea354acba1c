"""A chat model in a GGUF file, with a real llama.cpp server in this process."""

import pytest

from sage.models import ProviderCall
from sage.providers.errors import ModelMissing
from sage.providers.protocols import ChatMessage, ChatSource
from sage.providers.registry import choose_chat_model
from tests.model_servers import find_model_file

pytestmark = pytest.mark.django_db


def test_a_model_file_answers_in_pieces(settings):
    settings.CHAT_MODEL = f"llamacpp:{find_model_file()}"
    model = choose_chat_model()

    sources = [ChatSource("[0:01]", "Anna walks her dog.")]
    stream = model.stream([ChatMessage("user", "Write a long story about the dog.")], sources, max_tokens=32)
    pieces = list(stream)

    assert len(pieces) > 1 and "".join(pieces).strip()  # the model chooses its words at random
    call = ProviderCall.objects.get()
    assert (call.model, call.ok) == (model.model, True)
    assert len(pieces) <= (call.output_tokens or 0) <= 32 < (call.input_tokens or 0)
    assert model.model == f"llamacpp:{find_model_file().stem}"


def test_a_stream_can_be_closed_early(settings):
    settings.CHAT_MODEL = f"llamacpp:{find_model_file()}"
    stream = choose_chat_model().stream([ChatMessage("user", "Count to a thousand.")])

    assert next(stream)
    stream.close()

    assert ProviderCall.objects.get().ok


def test_a_file_that_is_missing_or_no_model_is_refused(settings, tmp_path):
    other = tmp_path / "other.gguf"
    other.write_text("no model")

    for path, message in ((tmp_path / "none.gguf", "does not exist"), (other, "could not load")):
        settings.CHAT_MODEL = f"llamacpp:{path}"
        with pytest.raises(ModelMissing, match=message):
            choose_chat_model()
