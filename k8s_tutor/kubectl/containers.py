"""`kubectl logs` and `kubectl exec`: of Pods, and of what makes Pods."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.protocol import StatusError, exec_request
from k8s_tutor.kubectl.arguments import KubectlError, unsupported
from k8s_tutor.kubectl.task import Task
from k8s_tutor.kubectl.waiting import seconds_of
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["execute", "show_logs"]

_DEFAULT = "kubectl.kubernetes.io/default-container"
_LOGS_USAGE = (
    "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
    "POD or TYPE/NAME is a required argument for the logs command\n"
    "See 'kubectl logs -h' for help and examples"
)
_SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash", "zsh", "python", "python3")
_TAIL_OF_MANY = 10  # lines of each container where a selector chooses


@dataclass(frozen=True)
class _Source:
    """One container whose log is shown."""

    pod: Obj
    container: str


def _names(pod: Obj) -> list[str]:
    """All its containers: those that run, those that prepare, those added for looking."""
    spec = pod["spec"]
    parts = ("containers", "initContainers", "ephemeralContainers")
    return [str(one["name"]) for part in parts for one in spec.get(part) or ()]


def _titled(pod: Obj) -> str:
    """Its containers as kubectl lists them."""
    spec = pod["spec"]
    found = [str(one["name"]) for one in spec["containers"]]
    found += [f"{one['name']} (init)" for one in spec.get("initContainers") or ()]
    found += [f"{one['name']} (ephem)" for one in spec.get("ephemeralContainers") or ()]
    return ", ".join(found)


def _container(task: Task, pod: Obj, wanted: str, *, quiet: bool = False) -> str:
    """The container meant; kubectl says which where there are several."""
    names, name = _names(pod), metadata.name(pod)
    wanted = wanted or (pod["metadata"].get("annotations") or {}).get(_DEFAULT, "")
    if wanted:
        if wanted not in names:
            raise task.failed(f"error: container {wanted} is not valid for pod {name} out of: {_titled(pod)}")
        return wanted
    if len(names) > 1 and not quiet:
        task.note(f'Defaulted container "{names[0]}" out of: {_titled(pod)}')
    return names[0]


def _pod(task: Task, word: str, *, announce: bool = False) -> Obj:
    """The Pod a word means: `web`, `pod/web`, or one of `deploy/web`."""
    kind_word, slash, name = word.rpartition("/")
    kind = task.kind(kind_word) if slash else task.client.kind("pods")
    obj = task.client.get(kind, name, task.place)
    return obj if kind.kind == "Pod" else _first_of(task, kind, obj, announce=announce)


def _pods_of(task: Task, kind: Kind, obj: Obj) -> list[Obj]:
    selector = obj["spec"].get("selector") if kind.kind != "CronJob" else None
    if selector is None:
        raise task.failed(
            f"error: cannot get the logs from *v1.{kind.kind}: selector for *v1.{kind.kind} not implemented"
        )
    plain = kind.kind in ("Service", "ReplicationController")
    text = str(selectors.from_labels(selector) if plain else selectors.of(selector))
    pods = task.client.list("pods", task.place, labels=text)
    if not pods:
        raise task.failed("error: timed out waiting for the condition")
    return sorted(pods, key=_rank)


def _rank(pod: Obj) -> tuple[bool, bool, bool]:
    """Ready Pods first."""
    phase = (pod.get("status") or {}).get("phase")
    return not pod["spec"].get("nodeName"), phase != "Running", not conditions.is_true(pod, "Ready")


def _first_of(task: Task, kind: Kind, obj: Obj, *, announce: bool) -> Obj:
    pods = _pods_of(task, kind, obj)
    if announce and len(pods) > 1:
        task.note(f"Found {len(pods)} pods, using pod/{metadata.name(pods[0])}")
    return pods[0]


# ---- logs


def show_logs(task: Task) -> None:
    """Runs `kubectl logs`."""
    options = task.options
    words, selector = task.words, options.text("selector")
    if not words and not selector:
        raise KubectlError(_LOGS_USAGE)
    if words and selector:
        raise KubectlError(
            "error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples"
        )
    if len(words) > 2:
        raise KubectlError(_LOGS_USAGE)
    wanted = options.text("container")
    if len(words) == 2:
        if wanted:
            raise KubectlError("error: only one of -c or an inline [CONTAINER] arg is allowed")
        wanted = words[1]
    if options.on("all-containers") and wanted:
        raise KubectlError(f"error: --all-containers=true should not be specified with container name {wanted}")
    sources = _sources(task, wanted)
    for source in sources:
        _show(task, source, prefixed=options.on("prefix", default=options.on("all-pods")), many=bool(selector))


def _sources(task: Task, wanted: str) -> list[_Source]:
    options = task.options
    everything = options.on("all-containers")
    if options.text("selector"):
        pods = task.client.list("pods", task.place, labels=options.text("selector"))
        if not pods:
            task.note(f"No resources found in {task.place} namespace.")
    else:
        pods = _named_pods(task, task.words[0])
    found = []
    for pod in pods:
        if everything:
            spec = pod["spec"]
            parts = (*(spec.get("initContainers") or ()), *spec["containers"])
            found += [_Source(pod, str(one["name"])) for one in parts]
        else:
            found.append(_Source(pod, _container(task, pod, wanted, quiet=options.on("all-pods"))))
    return found


def _named_pods(task: Task, word: str) -> list[Obj]:
    kind_word, slash, name = word.rpartition("/")
    kind = task.kind(kind_word) if slash else task.client.kind("pods")
    try:
        obj = task.client.get(kind, name, task.place)
    except StatusError as error:
        if error.code == 404:
            said = f'error: error from server (NotFound): {error.what} in namespace "{task.place}"'
            raise task.failed(said) from error
        raise
    if kind.kind == "Pod":
        return [obj]
    if task.options.on("all-pods"):
        return _pods_of(task, kind, obj)
    return [_first_of(task, kind, obj, announce=True)]


def _show(task: Task, source: _Source, *, prefixed: bool, many: bool) -> None:
    options = task.options
    tail = options.number("tail", _TAIL_OF_MANY if many else -1)
    since = options.text("since")
    wanted: dict[str, Json] = {
        "previous": options.on("previous") or None,
        "timestamps": options.on("timestamps") or None,
        "tailLines": tail if tail >= 0 else None,
        "sinceSeconds": int(seconds_of(since, "since")) if since else None,
        "sinceTime": options.text("since-time") or None,
        "limitBytes": options.text("limit-bytes") or None,
    }
    name = metadata.name(source.pod)
    text = task.client.logs(name, metadata.namespace(source.pod), source.container, **wanted)
    if prefixed:
        text = "".join(f"[pod/{name}/{source.container}] {line}" for line in text.splitlines(keepends=True))
    task.write(text)


# ---- exec


def execute(task: Task) -> None:
    """Runs `kubectl exec`."""
    options, command = task.options, task.command.command
    if not task.words:
        raise KubectlError("error: pod, type/name or --filename must be specified")
    if len(task.words) > 1:
        raise KubectlError(
            "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n"
            "See 'kubectl exec -h' for help and examples"
        )
    if not command:
        raise KubectlError("error: you must specify at least one command for the container")
    if options.on("tty") and command[0] in _SHELLS and len(command) == 1 and not task.stdin:
        raise unsupported(
            f"kubectl exec -it … -- {command[0]}",
            msg("A shell waits for somebody who types, and a notebook has no terminal; `-- sh -c '…'` runs a line."),
        )
    if options.on("tty"):
        task.note("Unable to use a TTY - input is not a terminal or the right kind of file")
    pod = _pod(task, task.words[0])
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise task.failed(f"error: cannot exec into a container in a completed pod; current phase is {phase}")
    container = _container(task, pod, options.text("container"), quiet=options.on("quiet"))
    path = task.client.kind("pods").path(metadata.namespace(pod), metadata.name(pod), "exec")
    text = task.stdin if options.on("stdin") else ""
    result = task.client.api.run(exec_request(path, command, container, stdin=bool(text)), stdin=text.encode())
    task.write(result.stdout)
    task.notes += result.stderr.splitlines()
    if result.code > 0:
        raise task.failed(f"command terminated with exit code {result.code}", code=result.code)
    if result.code < 0:
        raise task.failed(f"error: {result.status.get('message', '')}")
