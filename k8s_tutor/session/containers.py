"""Commands in containers, and which container is meant."""

from __future__ import annotations

import shlex

from k8s_tutor.api.client import Client
from k8s_tutor.api.command import exec_request
from k8s_tutor.errors import TutorError, UsageError
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
    if (name and name in names) or (not name and len(names) == 1):
        return name or names[0]
    what = f"There is no container {name!r} in this pod." if name else "Which container? This pod has several."
    raise UsageError(what, why=f"Its containers: {', '.join(names)}.", next_step=f'Say which: container="{names[0]}".')


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
    words = shlex.split(command) if isinstance(command, str) else list(command)
    path = pod.kind.path(pod.namespace, pod.name, "exec")
    result = client.api.run(exec_request(path, words, container), timeout=timeout)
    said = result.stdout + result.stderr
    if result.code:
        what = f"exit code {result.code}" if result.code > 0 else str(result.status.get("message", ""))
        raise TutorError(f"`{' '.join(words)}` in {pod} failed: {what}", why=said.strip())
    return said
