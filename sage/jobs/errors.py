"""Define the errors that end the attempt of a job."""


class LostLease(Exception):
    """The job was cancelled, restarted or claimed by another worker. Stop and write nothing."""


class WorkerStopping(Exception):
    """The worker is shutting down. The job returns to the queue and the attempt does not count."""


class JobRejected(Exception):
    """The input cannot be processed. The job fails without another attempt; the message is shown to its owner."""


class LeftToOthers(Exception):
    """The site cannot do the job now, but an outside worker may. The message is shown to the owner."""


class LimitExceeded(Exception):
    """The work used up its time, memory or disk limit. Another attempt would end the same way."""


class DiskFull(Exception):
    """The worker's disk is full. The job is postponed."""


class JobPostponed(Exception):
    """The work goes on after at least `seconds`. The job returns to the queue, and the attempt does not count.

    With a `reason`, something is unavailable: its owner reads it, and the job fails after `MAX_WAITS` such waits.
    """

    def __init__(self, seconds: float = 0.0, reason: str = "") -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason
