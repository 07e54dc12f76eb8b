"""The built-in kubectl: the verbs of lessons and tutorials, printed as the real one prints them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock, RealClock, is_paused
from k8s_tutor.errors import Cancelled
from k8s_tutor.kubeconfig import cache_for
from k8s_tutor.kubectl.applying import apply_files, create_files, diff_files, replace_files, view_last_applied
from k8s_tutor.kubectl.arguments import KubectlError, parse, server_said, split_words
from k8s_tutor.kubectl.containers import execute, show_logs
from k8s_tutor.kubectl.create import create_from_flags, create_token
from k8s_tutor.kubectl.describe import describe
from k8s_tutor.kubectl.discovery import api_resources, api_versions, can_i, cluster_info, version, who_am_i
from k8s_tutor.kubectl.explain import explain
from k8s_tutor.kubectl.flags import COMMANDS
from k8s_tutor.kubectl.get import get, show_events, top_nodes, top_pods
from k8s_tutor.kubectl.nodes import cordon, drain, taint, uncordon
from k8s_tutor.kubectl.rollout import (
    rollout_history,
    rollout_pause,
    rollout_restart,
    rollout_resume,
    rollout_status,
    rollout_undo,
)
from k8s_tutor.kubectl.run import autoscale, expose, run, scale
from k8s_tutor.kubectl.setting import (
    annotate,
    label,
    patch_objects,
    set_env,
    set_image,
    set_resources,
    set_selector,
    set_service_account,
)
from k8s_tutor.kubectl.task import Listening, Load, Output, Task
from k8s_tutor.kubectl.waiting import delete, wait
from k8s_tutor.language import msg
from k8s_tutor.objects.kinds import Kind

__all__ = ["CHOICE", "Builtin", "Load", "Output", "Real", "choose_kubectl", "find_kubectl", "run_line"]

_VERBS: dict[str, Callable[[Task], None]] = {
    "get": get,
    "describe": describe,
    "delete": delete,
    "apply": apply_files,
    "apply view-last-applied": view_last_applied,
    "replace": replace_files,
    "diff": diff_files,
    **{name: create_from_flags for name in COMMANDS if name.startswith("create ")},
    "create": create_files,
    "create token": create_token,
    "run": run,
    "expose": expose,
    "scale": scale,
    "autoscale": autoscale,
    "rollout status": rollout_status,
    "rollout history": rollout_history,
    "rollout undo": rollout_undo,
    "rollout restart": rollout_restart,
    "rollout pause": rollout_pause,
    "rollout resume": rollout_resume,
    "set image": set_image,
    "set env": set_env,
    "set resources": set_resources,
    "set serviceaccount": set_service_account,
    "set selector": set_selector,
    "patch": patch_objects,
    "label": label,
    "annotate": annotate,
    "explain": explain,
    "top pod": top_pods,
    "top node": top_nodes,
    "events": show_events,
    "cordon": cordon,
    "uncordon": uncordon,
    "drain": drain,
    "taint": taint,
    "api-resources": api_resources,
    "api-versions": api_versions,
    "version": version,
    "cluster-info": cluster_info,
    "auth can-i": can_i,
    "auth whoami": who_am_i,
    "logs": show_logs,
    "exec": execute,
    "wait": wait,
}


@dataclass(frozen=True)
class Builtin:
    """Runs command lines against one cluster.

    Attributes:
        client: Talks to the cluster.
        namespace: Where, unless the line says so.
        load: Turns a manifest's text or file into objects.
        wait_gone: Waits until an object (kind, name, namespace) is gone.
        clock: The cluster's time.
    """

    client: Client
    namespace: str
    load: Load
    wait_gone: Callable[[Kind, str, str], object]
    clock: Clock = field(default_factory=RealClock)

    def run(self, line: str, stdin: str = "") -> Output:
        """Runs one command line.

        Raises:
            KubectlError: it failed, in kubectl's words; or only the real kubectl can do it.
        """
        command = parse(line)
        api = Listening(self.client.api)
        client = Client(api, namespace=self.namespace)
        task = Task(client, self.namespace, command, stdin, self.load, self.wait_gone, self.clock, notes=api.warnings)
        try:
            _VERBS[command.verb](task)
        except StatusError as error:
            raise task.failed(server_said(error)) from error
        return task.finish()


def run_line(kubectl: Builtin | Real, line: str, stdin: str) -> Output:
    """Runs a line; where its exit code is an answer and no failure, that is told: `auth can-i` says no, `diff` differs.

    Raises:
        KubectlError: it failed.
    """
    try:
        return kubectl.run(line, stdin)
    except KubectlError as error:
        given = [word for word in split_words(line) if not word.startswith("-")]
        no = given[:2] == ["auth", "can-i"] and not error.what.lower().startswith("error")
        differs = given[:1] == ["diff"] and error.what.startswith("diff ")
        if error.code == 1 and (no or differs):
            return Output(error.what)
        raise


# ---- The kubectl that is installed, run with our kubeconfig and our cache, never the user's

CHOICE = "K8S_TUTOR_KUBECTL"
"""The kubectl to run: a path, or `builtin` for the one that comes with us; without it, the one on the `PATH`."""

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
            msg("There is no kubectl at {path!r}.", path=wanted),
            why=msg("The environment variable {variable} says to use that one.", variable=CHOICE),
            next_step=msg("Set {variable} to a kubectl's path, or to `builtin`; or unset it.", variable=CHOICE),
        )
    return found


def choose_kubectl(builtin: Builtin, kubeconfig: Path, context: str) -> Real | Builtin:
    """The installed one, else the built-in one.

    Raises:
        KubectlError: one was chosen that is not there.
    """
    if program := find_kubectl():
        return Real(program, kubeconfig, context, builtin.namespace, cache_for(kubeconfig), builtin.clock)
    return builtin


@dataclass(frozen=True)
class Real:
    """Runs command lines with an installed kubectl.

    Attributes:
        program: Its path.
        kubeconfig: Ours.
        context: The context in it.
        namespace: Where, unless the line says so.
        cache: Folder for what kubectl remembers of servers.
        clock: The cluster's time.
    """

    program: str
    kubeconfig: Path
    context: str
    namespace: str
    cache: Path
    clock: Clock = field(default_factory=RealClock)

    def run(self, line: str, stdin: str = "") -> Output:
        """Runs one command line.

        Raises:
            KubectlError: it failed, with what kubectl said.
            Cancelled: Ctrl-C.
        """
        given = split_words(line)
        if given[:1] == ["edit"] and not os.environ.get("KUBE_EDITOR"):
            raise _no_editor()
        endless = _endless(given)
        paused = is_paused(self.clock)  # then what waits would wait for nothing
        limit = _GLANCE if endless or paused else _TIMEOUT
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
            if paused:
                raise _waited_in_vain(line, limit) from None
            raise _stopped(line, endless, limit, error.stdout) from None
        except KeyboardInterrupt:
            raise Cancelled(
                msg("Stopped `kubectl {line}`.", line=line), why=msg("You pressed stop (Ctrl-C).")
            ) from None
        if done.returncode:
            said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
            raise KubectlError(
                said or msg("kubectl ended with exit code {code}", code=done.returncode),
                code=done.returncode,
            )
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
        msg("`kubectl edit` opens an editor, and a notebook has no place for one."),
        next_step=msg("Change the manifest and apply it again; or run it in a terminal (JupyterLab has one)."),
    )


def _endless(given: list[str]) -> str:
    """The word that makes a command go on until somebody stops it; empty for one that ends."""
    verb = next((word for word in given if not word.startswith("-")), "")
    if verb in _ENDLESS_VERBS:
        return verb
    flags = _ENDLESS_FLAGS.get(verb, set())
    return next((word for word in given if word.removesuffix("=true") in flags), "")


def _waited_in_vain(line: str, limit: float) -> KubectlError:
    return KubectlError(
        msg("`kubectl {line}` did not end within {limit:.0f} s and was stopped.", line=line, limit=limit),
        why=msg("The cluster's time is paused: what it waited for cannot come."),
        next_step=msg("t.step() lets one thing happen, t.play() lets time go on."),
    )


def _stopped(line: str, endless: str, limit: float, said: bytes | str | None) -> KubectlError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said or ""
    what = msg("`kubectl {line}` did not end within {limit:.0f} s and was stopped.", line=line, limit=limit)
    return KubectlError(
        msg("{said}\n{what}", said=text.rstrip(), what=what) if text.strip() else what,
        why=msg("`{word}` goes on until somebody stops it.", word=endless) if endless else "",
        next_step=msg("Run it in a terminal (JupyterLab has one); t.watch() shows changes in the notebook."),
    )
