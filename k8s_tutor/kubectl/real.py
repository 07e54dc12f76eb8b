"""The kubectl that is installed, run with our kubeconfig and our cache, never the user's."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.errors import Cancelled
from k8s_tutor.kubectl.arguments import words
from k8s_tutor.kubectl.builtin import Output
from k8s_tutor.kubectl.errors import KubectlError

__all__ = ["CHOICE", "Real", "find_kubectl"]

CHOICE = "K8S_TUTOR_KUBECTL"
"""Environment variable: `builtin`, or the path of a kubectl."""

_TIMEOUT = 120.0  # seconds
_GLANCE = 10.0  # seconds for what goes on until somebody stops it: that belongs into a terminal
_ENDLESS_VERBS = {"port-forward", "proxy", "attach", "edit"}
_ENDLESS_FLAGS = {
    "get": {"-w", "--watch", "--watch-only"},
    "events": {"-w", "--watch"},
    "logs": {"-f", "--follow"},
}


def find_kubectl() -> str:
    """The path of the kubectl to use; empty for the built-in one.

    Raises:
        KubectlError: one was chosen that is not there.
    """
    wanted = os.environ.get(CHOICE, "")
    if wanted == "builtin":
        return ""
    found = shutil.which(wanted or "kubectl") or ""
    if wanted and not found:
        raise KubectlError(
            f"There is no kubectl at {wanted!r}.",
            why=f"The environment variable {CHOICE} says to use that one.",
            next_step=f"Set {CHOICE} to a kubectl's path, or to `builtin`; or unset it.",
        )
    return found


@dataclass(frozen=True)
class Real:
    """Runs command lines with an installed kubectl.

    Attributes:
        program: Its path.
        kubeconfig: Ours.
        context: The context in it.
        namespace: Where, unless the line says so.
        cache: Folder for what kubectl remembers of servers.
    """

    program: str
    kubeconfig: Path
    context: str
    namespace: str
    cache: Path

    def run(self, line: str, stdin: str = "") -> Output:
        """Runs one command line.

        Raises:
            KubectlError: it failed, with what kubectl said.
            Cancelled: Ctrl-C.
        """
        given = words(line)
        if given[:1] == ["edit"] and not os.environ.get("KUBE_EDITOR"):
            raise _no_editor()
        endless = _endless(given)
        limit = _GLANCE if endless else _TIMEOUT
        try:
            done = subprocess.run(
                [self.program, *self._placed(given)],
                input=stdin,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _stopped(line, endless, limit, error.stdout) from None
        except KeyboardInterrupt:
            raise Cancelled(f"Stopped `kubectl {line}`.", why="You pressed stop (Ctrl-C).") from None
        if done.returncode:
            said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
            raise KubectlError(said or f"kubectl ended with exit code {done.returncode}")
        return Output(done.stdout.removesuffix("\n"), done.stderr.splitlines())

    def _placed(self, given: list[str]) -> list[str]:
        """Our flags behind the command's name: before it, kubectl takes a misspelt one for a plugin's."""
        first = 1 if given and not given[0].startswith("-") else 0
        return [*given[:first], *self._flags(), *given[first:]]

    def _flags(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--context={self.context}",
            f"--cache-dir={self.cache}",
            f"--namespace={self.namespace}",
        ]


def _no_editor() -> KubectlError:
    return KubectlError(
        "`kubectl edit` opens an editor, and a notebook has no place for one.",
        next_step="Change the manifest and apply it again; or run it in a terminal (JupyterLab has one).",
    )


def _endless(given: list[str]) -> str:
    """The word that makes a command go on until somebody stops it; empty for one that ends."""
    verb = next((word for word in given if not word.startswith("-")), "")
    if verb in _ENDLESS_VERBS:
        return verb
    flags = _ENDLESS_FLAGS.get(verb, set())
    return next((word for word in given if word.removesuffix("=true") in flags), "")


def _stopped(line: str, endless: str, limit: float, said: bytes | str | None) -> KubectlError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said or ""
    return KubectlError(
        (f"{text.rstrip()}\n" if text.strip() else "")
        + f"`kubectl {line}` did not end within {limit:.0f} s and was stopped.",
        why=f"`{endless}` goes on until somebody stops it." if endless else "",
        next_step="Run it in a terminal (JupyterLab has one); t.watch() shows changes in the notebook.",
    )
