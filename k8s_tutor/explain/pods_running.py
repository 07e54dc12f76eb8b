"""Pods whose containers have run: how they ended, why they start again and again, why they are not ready."""

from __future__ import annotations

from collections.abc import Mapping

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, says, seen
from k8s_tutor.explain.pods_waiting import Container, containers
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["ended_badly", "node_lost", "not_ready", "thrown_out"]


# ---- How containers end


def ended_badly(case: Case, pod: Obj) -> Finding | None:
    """A container that ended with an error, or that ends whenever it is started."""
    for container in containers(pod):
        crashing = container.waiting.key("reason").text == "CrashLoopBackOff"
        now = container.status.at("state.terminated")
        again = not container.init and field_of(pod, "spec.restartPolicy").text == "Always"
        failed = bool(now) and (again or now.key("exitCode").number != 0)
        if crashing or failed:
            return _ending(case, pod, container, crashing=crashing)
    return None


def _ending(case: Case, pod: Obj, container: Container, *, crashing: bool) -> Finding:
    ended = container.ended
    steps: list[Evidence] = []
    if crashing:
        steps.append(
            seen(
                container.waiting.key("reason"),
                msg(
                    "Container {name} ended again and again; it is started anew after a pause that grows.",
                    name=container.name,
                ),
            )
        )
        steps.append(seen(container.status.key("restartCount"), msg("So often it was started anew.")))
    elif container.status.key("restartCount").number:
        steps.append(seen(container.status.key("restartCount"), msg("So often it was started anew.")))
    probe = _killed_by_probe(case, pod, container)
    cause, evidence = probe or _exit(container, ended)
    steps += evidence
    if probe is None and (limit := _memory(container, ended)):
        steps.append(limit)
    before = container.has_ended_before
    line = case.log(pod, container.name, before) or ended.key("message").text
    if line and probe is None:
        steps.append(seen(ended.key("exitCode"), msg("The last line that it printed: {line}", line=line)))
        cause = _forbidden(pod, line) or cause
    previous = " --previous" if before else ""
    command = f"logs {metadata.name(pod)} -c {container.name}{previous}"
    if "is forbidden" in line:
        command = f"auth can-i --list --as={_account(pod)}"
    if probe is not None or ended.key("reason").text == "OOMKilled":
        command = f"describe pod {metadata.name(pod)}"
    return Finding(cause, tuple(steps), case.kubectl(command, pod))


def _account(pod: Obj) -> str:
    name = field_of(pod, "spec.serviceAccountName").text or "default"
    return f"system:serviceaccount:{metadata.namespace(pod)}:{name}"


def _forbidden(pod: Obj, line: str) -> Message | None:
    if "is forbidden" not in line:
        return None
    name = field_of(pod, "spec.serviceAccountName").text or "default"
    return msg("its program may not do what it wants to: ServiceAccount {name} lacks a right", name=name)


def _exit(container: Container, ended: Field) -> tuple[Message, list[Evidence]]:
    code, reason = ended.key("exitCode"), ended.key("reason")
    name = container.name
    if reason.text == "OOMKilled":
        step = seen(reason, msg("It used more memory than it may, and was killed."))
        return msg("container {name} uses more memory than its limit", name=name), [step]
    cause, words = _CODES.get(code.number) or (_BY_SIGNAL if code.number > 128 else _BY_CODE)
    values = {"name": name, "code": code.text, "signal": code.number - 128}
    return cause.fill(**values), [seen(code, words)]


_CODES: Mapping[int, tuple[Message, Message]] = {
    0: (
        msg_template("container {name} ends by itself, and is started anew"),
        msg("Its program did what it had to do, and ended: nothing keeps it running."),
    ),
    126: (
        msg_template("container {name} has a command that cannot be run"),
        msg("126: the file is there, and is no program that may be run."),
    ),
    127: (
        msg_template("container {name} has a command that is not there"),
        msg("127: the shell found no such program in the image."),
    ),
    137: (
        msg_template("container {name} was killed"),
        msg("137 is 128 + 9: it was killed, for memory, by a probe, or because its time to end was over."),
    ),
    139: (
        msg_template("container {name} broke off: it touched memory that is not its own"),
        msg("139 is 128 + 11: a segmentation fault."),
    ),
    143: (msg_template("container {name} was asked to end"), msg("143 is 128 + 15: it was asked to end, and did.")),
}
_BY_SIGNAL = (
    msg_template("container {name} was ended by signal {signal}"),
    msg("A code above 128 is 128 and the number of a signal."),
)
_BY_CODE = (
    msg_template("container {name} ended with exit code {code}"),
    msg("The program itself chose this code to say that something went wrong."),
)


def _memory(container: Container, ended: Field) -> Evidence | None:
    if ended.key("reason").text != "OOMKilled":
        return None
    limit = container.spec.at("resources.limits.memory")
    words = msg("So much memory it may use.") if limit else msg("It has no limit of its own: the node ran out.")
    return seen(limit, words)


def _killed_by_probe(case: Case, pod: Obj, container: Container) -> tuple[Message, list[Evidence]] | None:
    """The liveness or startup probe had it killed."""
    for event in case.events(pod, "Killing"):
        words = event.key("message").text
        if not words.startswith(f"Container {container.name} failed"):
            continue
        which = "startup" if "failed startup probe" in words else "liveness"
        probe = container.spec.key(f"{which}Probe")
        steps = [seen(event.key("message"), msg("The node ended it, for its probe failed."))]
        steps += _answers(case, pod, which)
        steps.append(seen(_what_it_asks(probe), msg("That is what the probe asks.")))
        return msg(
            "its {probe_name} fails, so container {name} is killed", probe_name=_PROBES[which], name=container.name
        ), steps
    return None


# ---- Running, and not ready


def not_ready(case: Case, pod: Obj) -> Finding | None:
    """It runs, and is not ready: probes, gates."""
    if field_of(pod, "status.phase").value != "Running" or not says(pod, "Ready", "False"):
        return None
    first = seen(condition(pod, "Ready").key("status"), msg("The Pod is not ready: Services send it nothing."))
    for container in containers(pod):
        if container.status.key("ready").value is False and container.status.at("state.running"):
            return _by_probe(case, pod, container, first)
    for gate in field_of(pod, "spec.readinessGates").items():
        kind = gate.key("conditionType")
        if not says(pod, kind.text, "True"):
            step = seen(kind, msg("Somebody has to say that this condition is met, and nobody does."))
            command = case.kubectl(f"get pod {metadata.name(pod)} -o wide", pod)
            return Finding(
                msg("nobody opens its readiness gate {gate}", gate=kind.text), (first, step), command, State.UNREADY
            )
    command = case.kubectl(f"describe pod {metadata.name(pod)}", pod)
    step = seen(condition(pod, "Ready").key("message"), msg("So it says itself."))
    return Finding(msg("not all of its containers are ready"), (first, step), command, State.UNREADY)


_PROBES = {
    "startup": msg("startup probe"),
    "readiness": msg("readiness probe"),
    "liveness": msg("liveness probe"),
}


def _by_probe(case: Case, pod: Obj, container: Container, first: Evidence) -> Finding:
    which = "readiness" if container.status.key("started").value is not False else "startup"
    probe = container.spec.key(f"{which}Probe")
    ready = seen(container.status.key("ready"), msg("Container {name} runs, and is not ready.", name=container.name))
    answers = _answers(case, pod, which)
    asks = (
        [seen(_what_it_asks(probe), msg("That is what its {probe_name} asks.", probe_name=_PROBES[which]))]
        if probe
        else []
    )
    command = case.kubectl(f"describe pod {metadata.name(pod)}", pod)
    cause = msg("its {probe_name} fails", probe_name=_PROBES[which])
    state = State.UNREADY
    if not answers:
        cause, state = msg("its {probe_name} has not succeeded yet", probe_name=_PROBES[which]), State.WAITING
    elif port := _other_port(container, probe):
        asks.append(port)
        cause = msg("its {probe_name} asks at a port that its container does not name", probe_name=_PROBES[which])
    return Finding(cause, (first, ready, *answers, *asks), command, state)


def _answers(case: Case, pod: Obj, which: str) -> list[Evidence]:
    for event in case.events(pod, "Unhealthy"):
        if event.key("message").text.lower().startswith(f"{which} probe"):
            return [seen(event.key("message"), msg("So the probe was answered the last time."))]
    return []


def _what_it_asks(probe: Field) -> Field:
    for kind in ("httpGet.path", "exec.command", "tcpSocket.port", "grpc.port", "httpGet"):
        if place := probe.at(kind):
            return place
    return probe


def _other_port(container: Container, probe: Field) -> Evidence | None:
    """The probe's port, where the container lists its ports and that one is not among them."""
    asked = probe.at("httpGet.port") or probe.at("tcpSocket.port")
    listed = [port.key("containerPort").text for port in container.spec.key("ports").items()]
    names = [port.key("name").text for port in container.spec.key("ports").items()]
    if not asked or not listed or asked.text in (*listed, *names):
        return None
    return seen(asked, msg("The container lists {ports} as its ports.", ports=", ".join(listed)))


# ---- Pods that have been ended from outside


def thrown_out(case: Case, pod: Obj) -> Finding | None:
    """Evicted, over time, preempted: the whole Pod has failed, with a reason of its own."""
    reason = field_of(pod, "status.reason")
    if field_of(pod, "status.phase").value != "Failed" or not reason:
        return None
    steps = [seen(reason, msg("The Pod as a whole was ended."))]
    if message := field_of(pod, "status.message"):
        steps.append(seen(message, msg("So said who ended it.")))
    if reason.text == "DeadlineExceeded":
        steps.append(seen(field_of(pod, "spec.activeDeadlineSeconds"), msg("So many seconds it was given.")))
    causes = {
        "Evicted": msg("its node had too little left, and threw it out"),
        "DeadlineExceeded": msg("it took longer than it was given"),
        "Preempting": msg("it had to make room for a Pod of higher priority"),
    }
    cause = causes.get(reason.text, msg("it was ended: {reason}", reason=reason.text))
    return Finding(cause, tuple(steps), case.kubectl(f"describe pod {metadata.name(pod)}", pod))


def node_lost(case: Case, pod: Obj) -> Finding | None:
    """Its node does not answer any more: what the Pod's status says is old."""
    name = field_of(pod, "spec.nodeName")
    node = case.find("Node", name.text) if name else None
    if node is None or says(node, "Ready", "True") or not condition(node, "Ready"):
        return None
    if field_of(pod, "status.phase").value in ("Succeeded", "Failed"):
        return None
    steps = (
        seen(name, msg("The Pod is on this node.")),
        seen(condition(node, "Ready").key("status"), msg("The node is not ready: nobody knows how its Pods are.")),
        seen(condition(node, "Ready").key("message"), msg("So it is said of the node.")),
    )
    cause = msg("its node {node} does not answer", node=name.text)
    return Finding(cause, steps, f"kubectl describe node {name.text}", State.UNREADY)
