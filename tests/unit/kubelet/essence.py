"""The essence of a pod's status and of its events: all that does not differ from run to run, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Obj = dict[str, Any]


def state_line(pod: Obj) -> str:
    """`Running | Ready=True … | web running ready started restarts=0`."""
    status = pod.get("status", {})
    head = [status.get("phase", ""), "deleting" if "deletionTimestamp" in pod["metadata"] else ""]
    head += [status.get("reason", ""), status.get("message", ""), "ip" if status.get("podIP") else ""]
    conditions = [_condition(row) for row in sorted(status.get("conditions", []), key=lambda row: row["type"])]
    containers = status.get("initContainerStatuses", []) + status.get("containerStatuses", [])
    parts = [" ".join(word for word in head if word), " ".join(conditions), *map(_container, containers)]
    return _without_names(" | ".join(parts), pod["metadata"]["uid"], pod["metadata"]["namespace"])


def states(pods: Iterable[Obj]) -> list[str]:
    """The distinct states of a pod, in order."""
    lines: list[str] = []
    for pod in pods:
        line = state_line(pod)
        if not lines or lines[-1] != line:
            lines.append(line)
    return lines


def event_line(event: Obj) -> str:
    """`Warning BackOff spec.containers{main}: Back-off …`."""
    about = event["involvedObject"]
    line = f"{event['type']} {event['reason']} {about.get('fieldPath', '')}: {event['message']}"
    line = re.sub(r"(Successfully assigned \S+) to \S+$", r"\1 to NODE", line)
    return _without_names(line, about["uid"], about["namespace"])


def event_lines(events: Iterable[Obj]) -> list[str]:
    """The distinct events, in the order of their first appearance."""
    return list(dict.fromkeys(event_line(event) for event in events))


def _condition(row: Obj) -> str:
    why = f"({row['reason']}: {row.get('message', '')})" if row.get("reason") else ""
    return f"{row['type']}={row['status']}{why}"


def _container(status: Obj) -> str:
    words = [status["name"], _state(status["state"])]
    words += ["ready"] if status["ready"] else []
    words += ["started"] if status.get("started") else []
    words.append(f"restarts={status['restartCount']}")
    if status.get("lastState"):
        words.append(f"last: {_state(status['lastState'])}")
    return " ".join(words)


def _state(state: Obj) -> str:
    ((name, about),) = state.items()
    code = [f"exit={about['exitCode']}"] if "exitCode" in about else []
    return " ".join([name, *code, about.get("reason", ""), about.get("message", "").strip()]).strip()


def _without_names(text: str, uid: str, namespace: str) -> str:
    text = text.replace(uid, "UID").replace(namespace, "NAMESPACE")
    text = re.sub(r"\b10\.244\.\d+\.\d+\b", "POD_IP", text)
    return re.sub(r'failed to start exec "[0-9a-f]{64}"', "failed to start exec ID", text)
