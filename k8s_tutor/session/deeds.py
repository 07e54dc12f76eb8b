"""What one can do in the playground: a shelf of examples, and for each control the command line that it stands for.

Law: pure. A deed is worked out from a snapshot; who carries it out is `session/playground.py`.
"""

from __future__ import annotations

import random
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata, pods
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import is_sender

__all__ = ["MOST_REPLICAS", "MOST_REQUESTS", "SERVICE", "SHELF", "Aim", "Command", "Line", "aim", "command"]

MOST_REPLICAS = 12
"""More do not make the picture clearer."""
MOST_REQUESTS = 50
"""A second."""
SERVICE = "web"
"""Whom traffic goes to."""


# ---- The shelf: what is put on the cluster by one click

_PODINFO = "ghcr.io/stefanprodan/podinfo:6.9"
_NEXT = {
    f"{_PODINFO}.1": f"{_PODINFO}.2",
    f"{_PODINFO}.2": f"{_PODINFO}.1",
    "nginx:122": "nginx:1.22",
    "nginx:1.22": "nginx:122",
}
"""What an image is rolled out to; the way back is the same."""


@dataclass(frozen=True)
class Example:
    """Something to put on the cluster.

    Attributes:
        name: Of what it makes.
        title: What it shows.
        manifest: YAML.
    """

    name: str
    title: Wording
    manifest: str


def _workload(name: str, container: str, *, kind: str = "Deployment", replicas: int = 0, more: str = "") -> str:
    count = f"\n  replicas: {replicas}" if replicas else ""
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata:
  name: {name}
spec:{count}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
{container}{more}"""


_WEB = f"""\
      - name: podinfo
        image: {_PODINFO}.1
        ports:
        - containerPort: 9898
        readinessProbe:
          httpGet:
            path: /readyz
            port: 9898
          periodSeconds: 2
          failureThreshold: 1
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
"""
_WEB_SERVICE = f"""\
---
apiVersion: v1
kind: Service
metadata:
  name: {SERVICE}
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 9898
"""
_MISPRINT = """\
      - name: nginx
        image: nginx:122
"""
_GIANT = """\
      - name: nginx
        image: nginx:1.22
        resources:
          requests:
            cpu: "64"
"""
_CRASH = """\
      - name: busybox
        image: busybox:1.35
        command: ["sh", "-c", "echo no database; sleep 1; exit 1"]
"""
_EVERYWHERE = """\
      - name: busybox
        image: busybox:1.35
        command: ["sleep", "86400"]
"""
SHELF: Mapping[str, Example] = {
    example.name: example
    for example in (
        Example(
            "web",
            msg("A web application: three Pods and a Service"),
            _workload("web", _WEB, replicas=3, more=_WEB_SERVICE),
        ),
        Example(
            "misprint",
            msg("A misprint: the image's tag does not exist"),
            _workload("misprint", _MISPRINT, replicas=2),
        ),
        Example(
            "giant",
            msg("A giant: it requests more than any node has"),
            _workload("giant", _GIANT, replicas=1),
        ),
        Example(
            "crash",
            msg("A program that ends with an error again and again"),
            _workload("crash", _CRASH, replicas=1),
        ),
        Example(
            "everywhere",
            msg("One Pod on each worker: a DaemonSet"),
            _workload("everywhere", _EVERYWHERE, kind="DaemonSet"),
        ),
    )
}


# ---- What controls are aimed at: the card that was picked, and sensible others


@dataclass(frozen=True)
class Aim:
    """What the controls act upon; each empty where there is none.

    Attributes:
        deployment: Its name.
        replicas: How many it wants.
        image: Of its first container.
        container: That container's name.
        pod: A Pod's name.
        unready: Whether that Pod runs, and says that it is not ready.
        switchable: Whether that Pod has a switch for its readiness: podinfo has.
        node: A node's name.
        cordoned: Whether it takes no new Pods.
        served: Whether there is a Service for traffic.
    """

    deployment: str = ""
    replicas: int = 0
    image: str = ""
    container: str = ""
    pod: str = ""
    unready: bool = False
    switchable: bool = False
    node: str = ""
    cordoned: bool = False
    served: bool = False

    @property
    def next_image(self) -> str:
        """What can be rolled out; empty for nothing."""
        return _NEXT.get(self.image, "")


def aim(snapshot: Snapshot, picked: str = "", *, latest: str = "", chance: str = "") -> Aim:
    """What the controls act upon.

    Args:
        snapshot: Of the namespace.
        picked: The UID of the card that was picked.
        latest: The example that was put on the cluster last.
        chance: Decides among Pods where none was picked: the same chooses the same.
    """
    chosen = snapshot.by_uid.get(picked) or {}
    kind = chosen.get("kind")
    own = [pod for pod in _own(snapshot, "Pod") if not is_sender(pod) and not metadata.is_deleting(pod)]
    pod = chosen if kind == "Pod" and chosen in own else _any(own, chance)
    deployment = _deployment(snapshot, chosen if kind in ("Pod", "Deployment") else {}, latest)
    on = (pod.get("spec") or {}).get("nodeName") if kind == "Pod" else ""
    node = chosen if kind == "Node" else _node(snapshot, str(on or ""))
    container: Obj = next(iter(_containers((deployment.get("spec") or {}).get("template") or {})), {})
    running = pods.phase(pod) == "Running" if pod else False
    return Aim(
        deployment=metadata.name(deployment) if deployment else "",
        replicas=int((deployment.get("spec") or {}).get("replicas", 0)),
        image=str(container.get("image", "")),
        container=str(container.get("name", "")),
        pod=metadata.name(pod) if pod else "",
        unready=running and not pods.is_ready(pod),
        switchable=any(_PODINFO in str(one.get("image")) for one in _containers(pod)),
        node=metadata.name(node) if node else "",
        cordoned=bool((node.get("spec") or {}).get("unschedulable")),
        served=any(metadata.name(one) == SERVICE for one in _own(snapshot, "Service")),
    )


def _own(snapshot: Snapshot, kind: str) -> list[Obj]:
    home = snapshot.namespace
    return [obj for obj in snapshot.of(kind) if not home or metadata.namespace(obj) == home]


def _any(found: Sequence[Obj], chance: str) -> Obj:
    """One of the Pods, those that are ready first: breaking what is broken shows nothing."""
    among = [pod for pod in found if pods.is_ready(pod)] or found
    return random.Random(chance).choice(among) if among else {}


def _deployment(snapshot: Snapshot, chosen: Obj, latest: str) -> Obj:
    own = _own(snapshot, "Deployment")
    above = _above(snapshot, chosen)
    names = [metadata.name(one) for one in above] + [latest, SERVICE]
    return next((one for name in names for one in own if metadata.name(one) == name), own[0] if own else {})


def _above(snapshot: Snapshot, obj: Obj) -> list[Obj]:
    """An object, who made it, and who made that."""
    found: list[Obj] = []
    while obj and obj not in found:
        found.append(obj)
        owner = metadata.controller_of(obj)
        obj = (snapshot.by_uid.get(owner["uid"]) or {}) if owner else {}
    return found


def _node(snapshot: Snapshot, name: str) -> Obj:
    """A node by its name, else the first that is no control plane."""
    nodes = sorted(snapshot.of("Node"), key=metadata.name)
    workers = [node for node in nodes if "node-role.kubernetes.io/control-plane" not in metadata.labels(node)]
    return next((node for node in nodes if metadata.name(node) == name), workers[0] if workers else {})


def _containers(obj: Obj) -> list[Any]:
    return list((obj.get("spec") or {}).get("containers") or ())


# ---- The command line of each control


@dataclass(frozen=True)
class Command:
    """What a control stands for.

    Attributes:
        line: As one types it: `kubectl cordon k8s-tutor-worker`; `t.pause()` where kubectl cannot.
        stdin: What it reads.
    """

    line: str
    stdin: str = ""

    @property
    def kubectl(self) -> str:
        """Without the word kubectl; empty where kubectl cannot."""
        return self.line.removeprefix("kubectl ") if self.line.startswith("kubectl ") else ""


@dataclass
class Line:
    """A line of the log.

    Attributes:
        said: The command, to be typed.
        stdin: What it reads; shown where one opens it.
        answer: What came of it, in the cluster's own words.
        state: `running`, `done` or `failed`.
    """

    said: str
    stdin: str = ""
    answer: str = ""
    state: str = "running"


def command(deed: str, value: Any, at: Aim) -> Command:
    """The command of a control of kubectl's.

    Args:
        deed: `put`, `scale`, `roll`, `readiness`, `kill`, `cordon`, `drain`.
        value: Which example; by how many.
        at: What it acts upon.

    Raises:
        UsageError: there is nothing to do it to.
    """
    if deed == "put" and value in SHELF:
        return Command("kubectl apply -f -", SHELF[value].manifest)
    made: dict[str, Callable[[Aim], Command]] = {
        "scale": partial(_scale, by=value),
        "roll": _roll,
        "readiness": _readiness,
        "kill": _kill,
        "cordon": _cordon,
        "drain": _drain,
    }
    if deed not in made:
        raise UsageError(msg("The playground has no control {deed!r}.", deed=f"{deed} {value or ''}".strip()))
    return made[deed](at)


def _scale(at: Aim, by: Any) -> Command:
    _require(at.deployment, msg("There is no Deployment to scale."))
    wanted = min(max(at.replicas + int(by or 0), 0), MOST_REPLICAS)
    return Command(f"kubectl scale deployment/{at.deployment} --replicas={wanted}")


def _roll(at: Aim) -> Command:
    _require(at.deployment, msg("There is no Deployment to roll out."))
    if not at.next_image:
        raise UsageError(
            msg("There is no other version of {image} here.", image=at.image),
            next_step=msg("Put the web application on the cluster, and roll that out."),
        )
    return Command(f"kubectl set image deployment/{at.deployment} {at.container}={at.next_image}")


def _readiness(at: Aim) -> Command:
    _require(at.pod, msg("There is no Pod."))
    if not at.switchable:
        raise UsageError(
            msg("Pod {pod} has no switch for its readiness.", pod=at.pod),
            why=msg("podinfo, the program of the web application, has one."),
            next_step=msg("Click a Pod of the web application."),
        )
    way = "enable" if at.unready else "disable"
    return Command(f"kubectl exec {at.pod} -- wget -qO- --post-data= http://localhost:9898/readyz/{way}")


def _kill(at: Aim) -> Command:
    _require(at.pod, msg("There is no Pod."))
    return Command(f"kubectl delete pod {at.pod} --wait=false")


def _cordon(at: Aim) -> Command:
    _require(at.node, msg("There is no node."))
    return Command(f"kubectl {'uncordon' if at.cordoned else 'cordon'} {at.node}")


def _drain(at: Aim) -> Command:
    _require(at.node, msg("There is no node."))
    words = ["kubectl", "drain", at.node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s"]
    return Command(shlex.join(words))


def _require(name: str, otherwise: Wording) -> None:
    if not name:
        raise UsageError(otherwise, next_step=msg("Put an example on the cluster first."))
