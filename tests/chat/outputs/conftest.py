import pytest


@pytest.fixture
def make_output(alice, harbour):
    """Return a function that stores an output of Alice."""
    from chat.outputs.models import Output

    def make(**fields):
        known = {
            "owner": alice,
            "video": harbour,
            "agent": "summary",
            "type": "summary",
            "content": "Fishing boats leave. [0:10]",
            "metadata": {"citations": [{"video_id": str(harbour.pk), "start": 10.0, "text": "Fishing boats leave."}]},
            "model": "extractive:quotes",
        }
        return Output.objects.create(**{**known, **fields})

    return make
