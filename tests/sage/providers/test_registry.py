from concurrent.futures import ThreadPoolExecutor

import pytest

from sage.providers.errors import ModelMissing
from sage.providers.keys import Provider, find_provider
from sage.providers.registry import ENGINES, PURPOSES, choose_chat_model, choose_text_embedder, choose_transcriber
from tests.vendors import GOOD


@pytest.mark.parametrize(
    ("model", "provider", "setting"),
    [("openai:gpt", "OpenAI", "OPENAI_API_KEY"), ("gemini:flash", "Gemini", "GEMINI_API_KEY")],
)
def test_a_hosted_model_without_a_key_says_what_to_set(settings, model, provider, setting):
    settings.CHAT_MODEL = model
    setattr(settings, setting, "")
    message = f"{provider} needs a key. Save your own under Provider keys, or ask the operator to set {setting}."

    with pytest.raises(ModelMissing) as raised:
        choose_chat_model()

    assert str(raised.value) == message
    assert choose_chat_model(key=GOOD["openai"]).model == model


def test_a_hosted_engine_needs_the_name_of_a_model(settings):
    settings.SPEECH_MODEL = "openai:"

    with pytest.raises(ModelMissing, match="SPEECH_MODEL names no model. Set it to openai: and the name of a model."):
        choose_transcriber(GOOD["openai"])


@pytest.mark.parametrize("value", ["unknown:model", "", "llamacpp:model.gguf", "twelvelabs:marengo3.5"])
def test_an_unknown_engine_names_those_that_exist(settings, value):
    settings.TEXT_VECTOR_MODEL = value

    with pytest.raises(ModelMissing, match="TEXT_VECTOR_MODEL names the unknown engine .* gemini, openai, wordllama."):
        choose_text_embedder()


def test_the_provider_of_a_setting_is_known_without_loading_it(settings):
    settings.CHAT_MODEL = "gemini:flash"

    assert find_provider("CHAT_MODEL") is Provider.GEMINI
    assert find_provider("SPEECH_MODEL") is None


def test_each_setting_has_a_purpose():
    assert ENGINES.keys() == PURPOSES.keys()


def test_threads_share_one_model(settings):
    settings.TEXT_VECTOR_MODEL = "wordllama:l2_supercat_64"

    with ThreadPoolExecutor(4) as pool:
        embedders = list(pool.map(lambda _: choose_text_embedder(), range(4)))

    assert len({id(embedder) for embedder in embedders}) == 1
