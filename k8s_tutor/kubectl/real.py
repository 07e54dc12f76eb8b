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

_TIMEOUT = 120.0  # seconds; a command that streams for ever belongs into a terminal
_STREAMING = {"-w", "--watch", "-f", "--follow", "port-forward", "proxy", "attach", "edit"}


def find_kubectl() -> str:
    """The path of the kubectl to use; empty for the built-in one."""
    wanted = os.environ.get(CHOICE, "")
    if wanted == "builtin":
        return ""
    return shutil.which(wanted or "kubectl") or ""


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
        try:
            done = subprocess.run(
                [self.program, *self._placed(given)],
                input=stdin,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _endless(line, given) from error
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


def _endless(line: str, given: list[str]) -> KubectlError:
    streaming = next((word for word in given if word in _STREAMING), "")
    return KubectlError(
        f"`kubectl {line}` did not end within {_TIMEOUT:.0f} s and was stopped.",
        why=f"`{streaming}` goes on until somebody stops it." if streaming else "",
        next_step="Run it in a terminal (JupyterLab has one); t.watch() shows changes in the notebook.",
    )
