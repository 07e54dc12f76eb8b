"""Commands in containers, and which container is meant."""

from __future__ import annotations

import shlex

from k8s_tutor.api.client import Client
from k8s_tutor.api.command import exec_request
from k8s_tutor.errors import Cancelled, TutorError, UsageError
from k8s_tutor.exercises.podfacts import container_names
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.targets import Target

__all__ = ["chosen_container", "run_command"]


def chosen_container(pod: Obj, name: str) -> str:
    """The container meant: the one named, or the only one.

    Raises:
        UsageError: there are several and none is named, or there is none of that name.
    """
    names = container_names(pod)
    if pod.get("kind") != "Pod":
        raise UsageError(
            f"This is a {pod.get('kind')}, and only Pods have containers that run.",
            next_step='Name one of its Pods, "pod/NAME"; t.kubectl("get pods") lists them.',
        )
    if (name and name in names) or (not name and len(names) == 1):
        return name or names[0]
    what = f"There is no container {name!r} in this pod." if name else "Which container? This pod has several."
    raise UsageError(what, why=f"Its containers: {', '.join(names)}.", next_step=f'Say which: container="{names[0]}".')


def _words(command: str | list[str]) -> list[str]:
    if not isinstance(command, str):
        return [str(word) for word in command]
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            f"This command cannot be split into words: {error}.",
            why=f"In: {command}",
            next_step='Close the quote; or give a list of words: ["sh", "-c", "…"].',
        ) from None
    if not found:
        raise UsageError("There is no command to run.", next_step='For example "ls /".')
    return found


def run_command(client: Client, pod: Target, command: str | list[str], container: str, timeout: float) -> str:
    """What a command in a running container printed.

    Args:
        client: Talks to the cluster.
        pod: Which pod.
        command: A line, split at spaces as a shell would; or a list of words.
        container: Its name.
        timeout: Seconds of the cluster's time.

    Raises:
        TutorError: the command failed; with its exit code and what it said.
    """
    words = _words(command)
    path = pod.kind.path(pod.namespace, pod.name, "exec")
    try:
        result = client.api.run(exec_request(path, words, container), timeout=timeout)
    except KeyboardInterrupt:
        raise Cancelled(
            f"Stopped waiting for `{' '.join(words)}` in {pod}.",
            why="You pressed stop (Ctrl-C). The command was left alone; it ends by itself, or with its container.",
        ) from None
    said = result.stdout + result.stderr
    if result.code:
        what = f"exit code {result.code}" if result.code > 0 else str(result.status.get("message", ""))
        absent = "executable file not found" in what
        raise TutorError(
            f"`{' '.join(words)}` in {pod} failed: {what}",
            why=f"The container's image has no program called {words[0]}." if absent else said.strip(),
            next_step="Run it in a container whose image has it." if absent else "",
        )
    return said
