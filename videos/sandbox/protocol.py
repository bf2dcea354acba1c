"""Define the messages between the parent and the child of the sandbox.

The parent writes one JSON object to the standard input of the child: the request. The child answers on its standard
output with one JSON object a line: `{"progress": 0.5}` any number of times, then one of

- `{"result": …}`: what the function returned;
- `{"refused": message}`: the function rejected its input;
- `{"used_up": message}`: the child exceeded a limit;
- `{"no_room": message}`: the disk is full.

A child that ends without an answer has crashed. Its standard error then goes to the log.
"""

from dataclasses import dataclass
from typing import Any, TypedDict


@dataclass(frozen=True)
class SandboxLimits:
    """What one child may use: seconds, bytes and files. `output_bytes` limits each file and all files together.

    `processes` counts the child and the copies that it forks. `memory_bytes` limits each of them.
    """

    wall_seconds: float = 6 * 3600
    cpu_seconds: int = 12 * 3600
    memory_bytes: int = 4 * 1024**3
    output_bytes: int = 2 * 1024**3
    open_files: int = 256
    processes: int = 1


class SandboxRequest(TypedDict):
    """What the child reads. `target` is "package.module:function", `limits` the fields of SandboxLimits."""

    target: str
    arguments: dict[str, Any]
    limits: dict[str, Any]
    parent: int
    reads: list[str]
    writes: list[str]
