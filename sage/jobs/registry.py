"""Register the kinds of jobs and look them up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Q
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from sage.jobs.heartbeat import Heartbeat
    from sage.jobs.models import AbstractJob
    from sage.jobs.outside import Offer

Save = Callable[[], None]
J = TypeVar("J", bound="AbstractJob")


def do_nothing(job: Any) -> None:
    """Do nothing. The default of the optional functions of a step."""


@dataclass(frozen=True, kw_only=True)
class Step(Generic[J]):
    """A kind of job: where it runs, what it does and what users read about it.

    `run` does the work outside any transaction and may run more than once. It returns a function that writes the
    result; the queue calls that in the transaction that completes the job. Give `run` as a dotted path if the web
    process must not import its module.
    `settle` is called in the transaction that completes or fails the job.
    `clean_up` is called after the job was cancelled, or failed because of its input, to remove partial results.
    `retry` restarts all failed work on a job's subject. Without it only the job itself is restarted.
    `queue` names the Celery queue, or is a function that chooses it.
    `offer` says which jobs outside workers may take: see `sage.jobs.outside`.
    """

    model: type[J]
    kind: str
    run: "Callable[[J, Heartbeat], Save] | str"
    label: str
    running_label: str
    failure_message: str
    limit_message: str = ""
    queue: str | Callable[[J], str] = "medium"
    settle: Callable[[J], None] = do_nothing
    clean_up: Callable[[J], None] = do_nothing
    retry: Callable[[Any], None] | None = None
    offer: "Offer | None" = None

    def load(self) -> "Callable[[J, Heartbeat], Save]":
        """Return the function that does the work; import it if `run` is a dotted path."""
        return import_string(self.run) if isinstance(self.run, str) else self.run

    def choose_queue(self, job: J) -> str:
        return self.queue if isinstance(self.queue, str) else self.queue(job)


_steps: dict[tuple[str, str], Step[Any]] = {}


def register(step: Step[Any]) -> None:
    """Add a kind of job. Call it in `AppConfig.ready()`. Raises ValueError if the model has this kind already."""
    key = (step.model._meta.label_lower, step.kind)
    if _steps.setdefault(key, step) is not step:
        raise ValueError(f"{key[0]} already has a step of the kind {step.kind}.")


def step_of(job: "AbstractJob") -> Step[Any]:
    """Return the step of a job. Raises LookupError if its kind is not registered."""
    return _steps[job._meta.label_lower, job.kind]


def job_models() -> list[type["AbstractJob"]]:
    """Return every model that has a step, in the order of registration."""
    return list(dict.fromkeys(step.model for step in _steps.values()))


def model_of(label: str) -> type["AbstractJob"]:
    """Return the job model with this label ("videos.job"). Raises LookupError if it has no step."""
    for model in job_models():
        if model._meta.label_lower == label:
            return model
    raise LookupError(f"No step is registered for the model {label}.")


def steps_of(model: type["AbstractJob"]) -> list[Step[Any]]:
    return [step for step in _steps.values() if step.model is model]


def kinds_of(model: type["AbstractJob"]) -> list[str]:
    return [step.kind for step in steps_of(model)]


def match_own_jobs(model: type["AbstractJob"]) -> Q:
    """Return the condition for jobs that the workers of this site may claim now."""
    offers = {step.kind: step.offer for step in steps_of(model) if step.offer}
    condition = Q(kind__in=[kind for kind in kinds_of(model) if kind not in offers])
    for kind, offer in offers.items():
        condition |= Q(kind=kind) & offer.match_own_jobs()
    return condition
