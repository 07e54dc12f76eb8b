"""Checks of Services that several exercises share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from k8s_tutor.exercises.exercise import Check
from k8s_tutor.exercises.objectchecks import inspect
from k8s_tutor.exercises.state import Reply, State, split_ref, title_of
from k8s_tutor.exercises.verdict import Seen, Verdict, cannot_tell, failed, see
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects import metadata, selectors, services
from k8s_tutor.objects.types import Obj

__all__ = [
    "answers",
    "count_ready",
    "describe_selector",
    "has_address",
    "has_ready_pods",
    "list_deployments",
    "list_pods",
    "listens_on",
    "resolves_target_ports",
    "selects_pods",
]


# ---- Facts


def list_pods(state: State, service: Obj) -> Sequence[Obj]:
    """The pods that have the labels a Service looks for.

    >>> pod = {"kind": "Pod", "metadata": {"name": "web-1", "labels": {"app": "web"}}}
    >>> [pod["metadata"]["name"] for pod in list_pods(State.of([pod]), {"spec": {"selector": {"app": "web"}}})]
    ['web-1']
    """
    selector = service["spec"].get("selector")
    return state.list("pods", selector) if selector else []


def list_deployments(state: State, service: Obj) -> Sequence[Obj]:
    """The Deployments that make pods a Service looks for; the exercise looks at `deployments`.

    >>> list_deployments(State.of(), {"spec": {"selector": {"app": "web"}}})
    []
    """
    selector = service["spec"].get("selector")
    if not selector:
        return []
    wanted = selectors.from_labels(selector)
    return [one for one in state.list("deployments") if wanted.matches(metadata.labels(one["spec"]["template"]))]


def count_ready(state: State, service: Obj) -> int:
    """How many ready endpoints the Service's EndpointSlices list.

    >>> count_ready(State.of(), {"metadata": {"name": "web"}})
    0
    """
    return services.ready(services.slices_of(service, state.list("endpointslices")))


def describe_selector(service: Obj) -> str:
    """A Service's selector in backticks.

    >>> describe_selector({"spec": {"selector": {"app": "web"}}})
    '`app=web`'
    """
    return f"`{selectors.from_labels(service['spec'].get('selector'))}`"


# ---- Checks


def _inspect_service(ref: str, look: Callable[[State, Obj], Seen | Verdict]) -> Check:
    """As `inspect`; a Service that is another name for one in this namespace is looked at where it leads."""

    def follow(state: State, service: Obj) -> Seen | Verdict:
        target = str(service["spec"].get("externalName") or "") if service["spec"].get("type") == "ExternalName" else ""
        if not target:
            return look(state, service)
        here = re.fullmatch(rf"([a-z0-9-]+)(\.{re.escape(metadata.namespace(service))}(\.svc(\..+)?)?)?", target)
        other = state.find(f"service/{here.group(1)}") if here else None
        if other is not None and other["spec"].get("type") != "ExternalName":
            return look(state, other)
        summary = msg("{object} leads to the host `{host}`, which is none of these pods.", object=title_of(ref),
                      host=target)  # fmt: skip
        return failed(summary, hint=msg("A Service with a selector leads to pods."))

    return inspect(ref, follow)


def selects_pods(ref: str, *, hint: Wording = "") -> Check:
    """The Service has a selector and some pod has those labels; or somebody has written its endpoints by hand.

    >>> service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "wep"}}}
    >>> print(selects_pods("service/web")(State.of([service])).summary)
    no pod has `app=wep`, which is what Service `web` looks for.
    """

    def look(state: State, service: Obj) -> Seen | Verdict:
        title = title_of(ref)
        if not service["spec"].get("selector"):
            if count := count_ready(state, service):
                return see(msg("{object} has endpoints written by hand: {count}", object=title, count=count))
            return failed(msg("{object} has no selector, so Kubernetes looks for no pods.", object=title), hint=hint)
        if list_pods(state, service):
            return see()
        if list_deployments(state, service):
            summary = msg("the pods of {object} are still being made.", object=title)
            return cannot_tell(summary, hint=msg("Check again."), settling=True)
        values = {"selector": describe_selector(service), "object": title}
        compare = msg('Compare them letter by letter: `t.kubectl("get pods --show-labels")`.')
        return failed(
            msg("no pod has {selector}, which is what {object} looks for.", **values),
            msg("labels there are: {labels}", labels=", ".join(_labels(state)) or msg("none")),
            hint=hint or compare,
            settling=not state.list("pods"),  # those of a start may not have been made yet
        )

    return _inspect_service(ref, look)


def has_ready_pods(ref: str, at_least: int = 1, *, hint: Wording = "") -> Check:
    """As many ready pods stand behind the Service as its Deployments are to have. Judging waits for them.

    >>> service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {}}
    >>> print(has_ready_pods("service/web")(State.of([service])).summary)
    Service `web` has 0 of 1 pods ready.

    Args:
        ref: `service/web`.
        at_least: For a task that says how many.
        hint: Said where there are fewer.
    """

    def look(state: State, service: Obj) -> Seen | Verdict:
        ready = count_ready(state, service)
        asked_for = sum(one["spec"].get("replicas", 1) for one in list_deployments(state, service))
        wanted = max(asked_for or len(list_pods(state, service)), at_least)
        values = {"object": title_of(ref), "ready": ready, "wanted": wanted}
        if ready >= wanted:
            return see(msg("{ready} of {wanted} pods ready", ready=ready, wanted=max(wanted, ready)))
        look_at = msg('`t.graph("{ref}")` shows which are not, and why.', ref=ref)
        return failed(
            msg("{object} has {ready} of {wanted} pods ready.", **values), hint=hint or look_at, settling=True
        )

    return _inspect_service(ref, look)


def has_address(ref: str) -> Check:
    """Somebody has given the Service an address outside the cluster. Judging waits for it.

    >>> service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "ClusterIP"}}
    >>> print(has_address("service/web")(State.of([service])).summary)
    Service `web` is of type ClusterIP.
    """

    def look(_state: State, service: Obj) -> Seen | Verdict:
        title = title_of(ref)
        if service["spec"].get("type") != "LoadBalancer":
            return _explain_type(title, service)
        if address := services.address_of(service):
            return see(msg("its address is {address}", address=address))
        hint = msg("Does anybody in this cluster give addresses? `t.load_balancers()` says.")
        evidence: tuple[Wording, ...] = ()
        if wished := service["spec"].get("loadBalancerIP"):
            hint = msg("Whoever gives the addresses has others.")
            evidence = (msg("it asks for `{address}`", address=wished),)
        summary = msg("{object} is still waiting for an address.", object=title)
        return failed(summary, *evidence, hint=hint, settling=True)

    return inspect(ref, look)


def _explain_type(title: Wording, service: Obj) -> Verdict:
    spec = service["spec"]
    if spec.get("externalIPs"):
        summary = msg("{object} names an address that nobody has given it.", object=title)
        evidence = msg("externalIPs: {address}", address=spec["externalIPs"][0])
        return failed(summary, evidence, hint=msg("Writing an address down does not make it lead here."))
    summary = msg("{object} is of type {type}.", object=title, type=spec.get("type", "ClusterIP"))
    if spec.get("type") == "NodePort":
        return failed(summary, hint=msg("That is an odd port on every node, and no address of its own."))
    return failed(summary, hint=msg("That address is known inside the cluster only."))


def listens_on(ref: str, port: int) -> Check:
    """The Service can be asked at a port; what a headless one says is up to its pods (see `answers`).

    >>> service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 9898}]}}
    >>> print(listens_on("service/web", 80)(State.of([service])).summary)
    Service `web` can be asked at port 9898; the task asks for 80.
    """

    def look(_state: State, service: Obj) -> Seen | Verdict:
        ports = [int(row["port"]) for row in service["spec"].get("ports") or ()]
        if port in ports or services.is_headless(service):
            return see()
        values = {"object": title_of(ref), "ports": ", ".join(map(str, ports)), "port": port}
        summary = msg("{object} can be asked at port {ports}; the task asks for {port}.", **values)
        hint = msg("A Service's port has two numbers: one for its clients, one for its pods. Which is which?")
        return failed(summary, hint=hint)

    return _inspect_service(ref, look)


def resolves_target_ports(ref: str) -> Check:
    """Where a target port is a name, a container of the selected pods has a port of that name.

    >>> row = {"port": 80, "targetPort": "http"}
    >>> service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [row]}}
    >>> print(resolves_target_ports("service/web")(State.of([service])).summary)
    no container has a port called `http`.
    """

    def look(state: State, service: Obj) -> Seen | Verdict:
        wanted = [row.get("targetPort") for row in service["spec"].get("ports") or ()]
        pods = list_pods(state, service)
        known = {
            port.get("name")
            for pod in pods
            for kind in ("containers", "initContainers")
            for container in pod["spec"].get(kind) or ()
            for port in container.get("ports") or ()
        }
        unknown = [port for port in wanted if isinstance(port, str) and port not in known]
        if not unknown:
            return see()
        hint = msg("A name works where the container's `ports` give it to a port. A number always works.")
        return failed(msg("no container has a port called `{port}`.", port=unknown[0]), hint=hint)

    return _inspect_service(ref, look)


def answers(ref: str, port: int, *, path: str = "/", hint: Wording = "") -> Check:
    """Whoever asks the Service at a port gets a good answer, whichever pod the connection ends at.

    >>> web = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"clusterIP": "None"}}
    >>> print(answers("service/web", 80)(State.of([web])).summary)
    `http://web:80/` leads to no pod.

    Args:
        ref: `service/web`.
        port: The one clients dial.
        path: What they ask for.
        hint: Said where a pod does not answer.
    """

    def look(state: State, service: Obj) -> Seen | Verdict:
        replies = state.ask(service, port, path)
        url = f"http://{split_ref(ref)[1]}:{port}{path}"
        if not replies:
            return failed(msg("`{url}` leads to no pod.", url=url), hint=hint, settling=True)
        good = sum(reply.answered for reply in replies)
        ports = ", ".join(map(str, dict.fromkeys(reply.port for reply in replies)))
        values = {"url": url, "good": good, "asked": len(replies), "ports": ports}
        if good == len(replies):
            return see(msg("`{url}` leads to port {ports}: {good} of {asked} pods answered", **values))
        bad = next(reply for reply in replies if not reply.answered)
        summary = msg("`{url}` leads to port {ports} of the pods: {good} of {asked} answered.", **values)
        settling = not _is_final(state, service, port, replies)
        return failed(summary, _describe_reply(bad), hint=hint or _port_hint(service), settling=settling)

    return _inspect_service(ref, look)


def _describe_reply(reply: Reply) -> Message:
    values = {"pod": reply.pod or "?", "port": reply.port, "code": reply.code, "text": reply.text[:120]}
    if reply.code == 0:
        return msg("pod/{pod}, port {port}: {text}", **values)
    return msg("pod/{pod}, port {port}: HTTP {code}", **values)


def _port_hint(service: Obj) -> Message:
    if services.is_headless(service):
        return msg("A headless Service gives its clients the pods' own addresses. Who translates the port then?")
    return msg("Does the container listen at the port that requests are passed on to?")


def _is_final(state: State, service: Obj, port: int, replies: Sequence[Reply]) -> bool:
    """Whether bad replies will not get better by themselves: refused at the port that the Service names now."""
    if not all(reply.refused or reply.answered for reply in replies) or _is_rolling(state, service):
        return False
    if services.is_headless(service):
        return True
    targets = {row.get("targetPort", port) for row in service["spec"].get("ports") or () if row["port"] == port}
    named = any(isinstance(target, str) for target in targets)
    return named or all(reply.port in targets for reply in replies)


def _is_rolling(state: State, service: Obj) -> bool:
    """Whether pods that the Service looks for are just being replaced, made or taken away."""
    for deployment in list_deployments(state, service):
        status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
        counts = [status.get(field, 0) for field in ("replicas", "updatedReplicas", "readyReplicas")]
        current = status.get("observedGeneration") == deployment["metadata"].get("generation")
        if not current or counts != [wanted] * len(counts):
            return True
    return False


def _labels(state: State) -> list[str]:
    """The labels that pods carry, each once, without those that controllers add."""
    pairs = (f"{key}={value}" for pod in state.list("pods") for key, value in sorted(metadata.labels(pod).items()))
    return list(dict.fromkeys(pair for pair in pairs if not pair.startswith("pod-template-hash=")))
