"""Running a command in a container (`pods/NAME/exec`) from start to end, on any cluster."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.protocol import Request
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CommandResult", "exec_request", "exit_code"]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command left behind.

    Attributes:
        stdout: Its standard output.
        stderr: Its standard error.
        status: The `Status` that closed the exec: Success, or a failure with the exit code among its causes.
    """

    stdout: str
    stderr: str
    status: Obj

    @property
    def code(self) -> int:
        """The exit code, 0 for success; -1 where the command could not be started."""
        return exit_code(self.status)


def exec_request(path: str, command: list[str], container: str = "", *, stdin: bool = False) -> Request:
    """The request that opens an exec.

    Args:
        path: Of the pod's `exec` subresource.
        command: Program and arguments; no shell in between.
        container: Empty for the pod's default one.
        stdin: Whether the command gets input.
    """
    pairs: list[tuple[str, str]] = [("command", word) for word in command]
    if container:
        pairs.append(("container", container))
    if stdin:
        pairs.append(("stdin", "true"))
    return Request("GET", path, (*pairs, ("stdout", "true"), ("stderr", "true")))


def exit_code(status: Json) -> int:
    """The exit code in an exec's closing `Status`."""
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or ():
        if cause.get("reason") == "ExitCode":
            return int(cause.get("message", 1))
    return -1
