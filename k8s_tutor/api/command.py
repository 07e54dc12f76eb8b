"""Running a command in a container (`pods/NAME/exec`) from start to end, on any cluster."""

from __future__ import annotations

from k8s_tutor.api.protocol import CommandResult, Request
from k8s_tutor.errors import WaitTimeout
from k8s_tutor.language import msg
from k8s_tutor.objects.types import Obj

__all__ = ["CommandOutput", "exec_request", "took_too_long"]

_SUCCESS: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class CommandOutput:
    """Collects what a command says on its channels."""

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.status: Obj | None = None

    def result(self) -> CommandResult:
        """All of it, once it has ended."""
        return CommandResult(
            self.stdout.decode("utf-8", "replace"), self.stderr.decode("utf-8", "replace"), self.status or _SUCCESS
        )


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


def took_too_long(timeout: float) -> WaitTimeout:
    """The error for a command that did not end within so many seconds."""
    return WaitTimeout(
        msg("The command did not end within {timeout:.0f} s.", timeout=timeout),
        why=msg("It was left to itself."),
        next_step=msg("Give it more time with timeout=…, or a command that ends."),
    )
