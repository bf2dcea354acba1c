"""Print all figures of answers."""

from tests.benchmarks.chat import grounding, streaming


def report(tuning: bool) -> None:
    grounding.report(tuning)
    streaming.report()
