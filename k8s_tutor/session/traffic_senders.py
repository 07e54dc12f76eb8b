"""Sending requests to a Service or a Pod, from inside the cluster, to see who answers.

A request through the API server's proxy would not do: that one picks an endpoint itself, and kube-proxy's choice,
session affinity and policies are what there is to see. So a small Pod of ours sends them; it stays for the next time.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError, exec_request
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, TutorError, UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.pods import is_terminal
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import take_snapshot
from k8s_tutor.observe.traffic import SENDER, SENDER_NAME, Failure, Reply, Traffic
from k8s_tutor.session import wait_conditions
from k8s_tutor.session.targets import Target
from k8s_tutor.session.traffic_routes import RequestRoute
from k8s_tutor.session.waiting import Waiter

if TYPE_CHECKING:
    from k8s_tutor.observe.snapshot import Snapshot
    from k8s_tutor.render.picture import Picture

__all__ = [
    "SCRIPT",
    "Senders",
    "TrafficResult",
    "ask_from_host",
    "find_logged",
    "find_pod",
    "map_hosts",
    "name_agent",
    "parse_replies",
]


# ---- From what the client in the cluster printed to answers: who they came from, and why some did not come

# ---- From what the client in the cluster printed to answers: who they came from, and why some did not come

# One line a request: number, exit code, answer. The tool's own time-out is not used, as it is not in every BusyBox.
# Where nothing answers the rest is not sent: a request in vain costs up to two seconds (a refusal by a Service without
# endpoints costs one on Linux, which asks again). One answer buys patience.
SCRIPT = """\
n=1 left=6
while [ $n -le $2 ] && [ $left -gt 0 ]; do
  answer=$(timeout 2 wget -q -O - -U "$3.$n" "$1" 2>&1)
  code=$?
  case "$code $answer" in
    0*|*"server returned"*) left=40;;
    124*|143*) left=$((left-2));;
    *) left=$((left-1));;
  esac
  echo "$n $code $(echo "$answer" | tr "\\n" " " | head -c 2000)"
  n=$((n+1))
done
"""
_TIMED_OUT = ("124", "143")  # `timeout` of coreutils and of newer BusyBox; of older BusyBox
_STATUS = re.compile(r"server returned error: HTTP/\S+ (\d{3})")
_HOSTNAME = re.compile(r"\bHostname:\s*(\S+)")
_WORDS = (
    ("Connection refused", Failure.REFUSED),
    ("bad address", Failure.NO_SUCH_NAME),
    ("timed out", Failure.TIMED_OUT),
)


def name_agent(token: str, client: int) -> str:
    """The name under which a client makes its requests, without their number: web servers log it."""
    return f"k8s-tutor/{token}.{client}"


def map_hosts(pods: Sequence[Obj]) -> dict[str, str]:
    """Host name to Pod name: what programs in a Pod call themselves."""
    return {str((pod.get("spec") or {}).get("hostname") or metadata.name(pod)): metadata.name(pod) for pod in pods}


def parse_replies(output: str, client: int, names: Mapping[str, str]) -> Iterator[Reply]:
    """The answers in what a client printed; their numbers are those of this client, from 1."""
    for line in output.splitlines():
        number, _, rest = line.partition(" ")
        code, _, said = rest.partition(" ")
        if number.isdigit() and code.isdigit():
            yield _answer(int(number), client, code, said.strip(), names)


def find_logged(log: str, token: str) -> Iterator[tuple[int, int]]:
    """Client and number of each of our requests that a web server's log speaks of."""
    for client, number in re.findall(rf"k8s-tutor/{re.escape(token)}\.(\d+)\.(\d+)", log):
        yield int(client), int(number)


def _answer(number: int, client: int, code: str, said: str, names: Mapping[str, str]) -> Reply:
    if code == "0":
        return Reply(number, client, find_pod(said, names), says=said[:200])
    if code in _TIMED_OUT:
        return Reply(number, client, failure=Failure.TIMED_OUT, code=0, says=said)
    if status := _STATUS.search(said):
        return Reply(number, client, failure=Failure.STATUS, code=int(status.group(1)), says=said)
    failure = next((kind for words, kind in _WORDS if words in said), Failure.BROKEN)
    return Reply(number, client, failure=failure, code=0, says=said)


def find_pod(body: str, names: Mapping[str, str]) -> str:
    """The Pod that an answer names: podinfo in its JSON, agnhost with nothing else, others as `Hostname: …`."""
    try:
        value = json.loads(body)
    except ValueError:
        found = _HOSTNAME.search(body)
        value = found.group(1) if found else body
    if isinstance(value, dict):
        value = value.get("hostname", "")
    return names.get(str(value).strip(), "")


# ---- Requests from the learner's own computer, where it can reach the load balancer's address

_TIMEOUT = 2.0  # seconds
_MOST = 65536  # bytes of an answer that are read
_PATIENCE = 3  # requests in vain after which the rest is not sent


def ask_from_host(url: str, requests: int, agent: str, names: Mapping[str, str]) -> Iterator[Reply]:
    """Sends requests one after the other, each over a connection of its own.

    Args:
        url: What is asked for.
        requests: How many.
        agent: Our name, to which the request's number is added.
        names: Host name to Pod name.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands between us and a cluster
    vain = 0
    for number in range(1, requests + 1):
        headers = {"User-Agent": f"{agent}.{number}", "Connection": "close"}
        answer = _one(opener, urllib.request.Request(url, headers=headers), number, names)
        yield answer
        vain = 0 if answer.code else vain + 1
        if vain == _PATIENCE:
            return


def _one(
    opener: urllib.request.OpenerDirector, request: urllib.request.Request, number: int, names: Mapping[str, str]
) -> Reply:
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            said = response.read(_MOST).decode("utf-8", "replace")
            return Reply(number, 1, find_pod(said, names), code=response.status, says=said[:200])
    except urllib.error.HTTPError as error:
        with error:
            return Reply(number, 1, failure=Failure.STATUS, code=error.code, says=str(error))
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return Reply(number, 1, failure=_failure(reason), code=0, says=str(reason))


def _failure(reason: object) -> Failure:
    if isinstance(reason, TimeoutError):
        return Failure.TIMED_OUT
    if isinstance(reason, ConnectionRefusedError):
        return Failure.REFUSED
    return Failure.NO_SUCH_NAME if isinstance(reason, socket.gaierror) else Failure.BROKEN


# ---- Sending requests to a Service or a Pod, from inside the cluster, to see who answers

_IMAGE = "busybox:1.35"
_START = 90.0  # seconds for a client to start: its image may have to be pulled
_EACH = 2.5  # seconds a request may take at most, with the client's own work
_ASKED = 20  # Pods whose logs are read at most, to learn who answered
_LOG_LINES = 2000
_KINDS = ("pods", "services", "endpointslices", "events")


@dataclass(frozen=True)
class TrafficResult(Traffic):
    """Traffic that shows itself in a notebook: a picture with its twin.

    Attributes:
        seen: The objects, as they were when the requests had been sent.
    """

    seen: Snapshot | None = None

    @cached_property
    def picture(self) -> Picture:
        """Bars and dots; in words: one line a Pod."""
        from k8s_tutor.observe.snapshot import Snapshot  # noqa: PLC0415
        from k8s_tutor.render.flow import traffic_picture  # noqa: PLC0415

        return traffic_picture(self.seen or Snapshot(), self)

    def __repr__(self) -> str:
        return self.picture.alt_text

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.picture._repr_mimebundle_(**options)


class Senders:
    """The clients in one namespace. Made when first needed, used again, gone with `remove` or after an hour."""

    def __init__(self, client: Client, clock: Clock, namespace: str) -> None:
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._rounds = 0

    def send(self, route: RequestRoute, requests: int, clients: int = 1) -> TrafficResult:
        """Sends requests one after the other and waits for their answers.

        Args:
            route: Where to.
            requests: How many, by all clients together.
            clients: How many Pods share them.

        Raises:
            UsageError: a number that makes no sense.
            WaitTimeout: a client does not start.
            Cancelled: Ctrl-C.
        """
        if route.outside:
            clients = 1
        if not (1 <= requests <= 1000 and 1 <= clients <= min(requests, 10)):
            raise UsageError(
                msg("{requests} requests from {clients} clients cannot be sent.", requests=requests, clients=clients),
                next_step=msg("Send 1 to 1000 requests, from 1 to 10 clients."),
            )
        for number in range(1, clients + 1) if not route.outside else ():
            self._begin(number)
        pods, version = self._client.list_with_version("pods", self._namespace)
        self._rounds += 1
        token, names = f"{version}-{self._rounds}", map_hosts(pods)
        answers: list[Reply] = []
        for number in range(1, clients + 1):
            share = requests // clients + (number <= requests % clients)
            answers += self._named(
                self._ask(route, share, name_agent(token, number), number, names), route, pods, token
            )
        seen = take_snapshot(self._client, self._namespace, _KINDS, time=self._clock.now())
        numbered = tuple(replace(answer, number=index) for index, answer in enumerate(answers, 1))
        way = (route.focus, route.url, route.via, route.port)
        return TrafficResult(*way, numbered, requests, clients, route.outside, seen=seen)

    def _ask(self, route: RequestRoute, share: int, name: str, number: int, names: Mapping[str, str]) -> list[Reply]:
        try:
            if route.outside:
                return list(ask_from_host(route.url, share, name, names))
            self._wait(number)
            return list(parse_replies(self._run(number, [route.url, str(share), name], share), number, names))
        except KeyboardInterrupt:
            raise Cancelled(
                msg("Stopped sending requests."),
                why=msg("You pressed stop (Ctrl-C). What had been sent is not shown."),
                next_step=msg("Send fewer: requests=10."),
            ) from None

    def remove(self) -> None:
        """Deletes the clients; those that are gone already, or not ours to delete, are left alone."""
        with contextlib.suppress(TutorError):
            for pod in self._client.list("pods", self._namespace, labels=SENDER):
                self._client.delete("pods", metadata.name(pod), self._namespace, grace_seconds=0)

    def _begin(self, number: int) -> None:
        """Has a client there, or on its way."""
        name = _name(number)
        found = self._client.find("pods", name, self._namespace)
        if found is not None and is_terminal(found):
            self._client.delete("pods", name, self._namespace, grace_seconds=0)  # its hour is over
            self._waiter(number, "deleted").wait(_START)
            found = None
        if found is None:
            self._client.create(_pod(name), self._namespace)

    def _wait(self, number: int) -> None:
        self._waiter(number, "Ready").wait(_START)

    def _waiter(self, number: int, what: str) -> Waiter:
        target = Target(self._client.kind("pods"), _name(number), self._namespace)
        return Waiter(self._client, self._clock, target, wait_conditions.parse_condition(what))

    def _run(self, number: int, arguments: list[str], count: int) -> str:
        path = self._client.kind("pods").path(self._namespace, _name(number), "exec")
        words = ["sh", "-c", SCRIPT, "sh", *arguments]
        result = self._client.api.run(exec_request(path, words), timeout=10 + _EACH * count)
        if result.code:
            said = (result.stderr or str(result.status.get("message", ""))).strip()
            raise TutorError(msg("The client Pod {name} could not send its requests.", name=_name(number)), why=said)
        return result.stdout

    def _named(self, answers: list[Reply], route: RequestRoute, pods: Sequence[Obj], token: str) -> list[Reply]:
        """With the Pods' names for answers that do not say who they are from: web servers log our agent's name."""
        if all(answer.pod or answer.code == 0 for answer in answers):
            return answers
        who: dict[tuple[int, int], str] = {}
        for pod in [pod for pod in pods if route.leads_to(pod)][:_ASKED]:
            for entry in find_logged(self._log(pod), token):
                who[entry] = metadata.name(pod)
        return [
            answer if answer.pod else replace(answer, pod=who.get((answer.client, answer.number), ""))
            for answer in answers
        ]

    def _log(self, pod: Obj) -> str:
        texts = []
        for container in (pod.get("spec") or {}).get("containers") or ():
            with contextlib.suppress(StatusError):
                name = str(container.get("name", ""))
                texts.append(self._client.logs(metadata.name(pod), self._namespace, name, tailLines=_LOG_LINES))
        return "\n".join(texts)


def _name(number: int) -> str:
    return SENDER_NAME if number == 1 else f"{SENDER_NAME}-{number}"


def _pod(name: str) -> Obj:
    """A client: small, without rights, and allowed where Pods must be `restricted`."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {SENDER: "true", "app.kubernetes.io/managed-by": "k8s-tutor"}},
        "spec": {
            "activeDeadlineSeconds": 3600,
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "client",
                    "image": _IMAGE,
                    "command": ["sleep", "3600"],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
                }
            ],
        },
    }
