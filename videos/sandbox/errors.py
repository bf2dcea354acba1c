"""Define the errors of the sandbox."""

from sage.jobs.errors import DiskFull, JobRejected, LimitExceeded


class SandboxError(RuntimeError):
    """The child ended without a result: it crashed, hung or exceeded a limit. The message is for the log."""


class SandboxLimitExceeded(SandboxError, LimitExceeded):
    """The child exceeded its limit of time, memory or output. A retry would end the same way."""


class SandboxDiskFull(SandboxError, DiskFull):
    """The disk that the child writes to is full."""


class InputRejected(JobRejected, ValueError):
    """The function rejected its input. The message is one plain sentence for the user."""
