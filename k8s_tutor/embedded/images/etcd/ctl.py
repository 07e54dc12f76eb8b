"""`etcdctl`: members, keys, endpoints; prints what the real one prints."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd import printing
from k8s_tutor.embedded.images.etcd.api import VERSION
from k8s_tutor.embedded.images.program import Effect, Fetch, Program, Sleep, System
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import HttpRequest

__all__ = ["etcdctl"]

Body: TypeAlias = dict[str, Any]
Calling: TypeAlias = Generator[Effect, Any, Body]

_SWITCHES = ("prefix", "print-value-only", "keys-only", "cluster", "from-key", "count-only", "hex")
_VALUED = (
    "endpoints",
    "command-timeout",
    "dial-timeout",
    "write-out",
    "peer-urls",
    "consistency",
    "limit",
    "order",
    "sort-by",
)
_SHORT = {"w": "write-out"}
_STYLES = ("simple", "table", "json", "fields")
_NOT_SIMULATED = (
    "alarm",
    "auth",
    "check",
    "compaction",
    "defrag",
    "downgrade",
    "elect",
    "lease",
    "lock",
    "make-mirror",
    "move-leader",
    "role",
    "snapshot",
    "txn",
    "user",
    "watch",
)
_DEADLINE = "context deadline exceeded"
_CODES = {2: "Unknown", 4: "DeadlineExceeded", 5: "NotFound", 9: "FailedPrecondition", 14: "Unavailable"}


class _Stop(Exception):
    """Ends the command with an error message (empty: already said) and an exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class _Order:
    """What is asked."""

    system: System
    words: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def endpoints(self) -> list[str]:
        """Where to ask."""
        default = self.system.env.get("ETCDCTL_ENDPOINTS", "127.0.0.1:2379")
        return self.options.get("endpoints", default).split(",")

    @property
    def timeout(self) -> float:
        """Seconds to wait for an answer."""
        return float(self.options.get("command-timeout", "5s").removesuffix("s"))

    @property
    def style(self) -> str:
        """`simple`, `table`, `json` or `fields`."""
        return self.options.get("write-out", "simple")


def etcdctl(system: System) -> Program:
    """Reads the command line, asks a member, prints."""
    order = _Order(system)
    try:
        _read(order)
        command = _command(order)
        _check_style(order, command)
        return int((yield from command(order)) or 0)
    except _Stop as stop:
        if str(stop):
            system.err(f"Error: {stop}\n")
        return stop.code


def _read(order: _Order) -> None:
    words = list(order.system.args[1:])
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            order.words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        name = _SHORT.get(name, name)
        if name in _SWITCHES:
            order.options[name] = value or "true"
        elif name in _VALUED:
            order.options[name] = value if equals else (words.pop(0) if words else "")
        else:
            raise _Stop(f"unknown flag: --{name}")


def _check_style(order: _Order, command: Callable[[_Order], Generator[Effect, Any, int | None]]) -> None:
    if order.style not in _STYLES:
        raise _Stop("unsupported output format", 4)
    if order.style == "table" and command in (_put, _get, _delete):
        raise _Stop("table not supported as output format", 4)


def _command(order: _Order) -> Callable[[_Order], Generator[Effect, Any, int | None]]:
    words = order.words
    for size in (2, 1):
        command = _COMMANDS.get(" ".join(words[:size]))
        if command is not None:
            del words[:size]
            return command
    if words and words[0] in _NOT_SIMULATED:
        raise _Stop(f"etcdctl {words[0]} is not simulated on the embedded cluster", 127)
    listed = words[0] if words else ""
    raise _Stop(f'unknown command "{listed}" for "etcdctl"\nRun \'etcdctl --help\' for usage.')


def _call(order: _Order, method: str, path: str, body: Body, endpoint: str = "") -> Calling:
    """Asks the first endpoint that answers.

    Raises:
        _Stop: etcd refused, or nobody answered in time.
    """
    system, begun = order.system, order.system.now()
    for address in [endpoint] if endpoint else order.endpoints:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        request = HttpRequest("POST", path, {"Host": parts.netloc}, json.dumps(body).encode())
        try:
            answer = yield Fetch(parts.hostname or "", parts.port or 2379, request, order.timeout)
        except Fault:
            continue
        found: Body = json.loads(answer.body) if answer.body[:1] == b"{" else {"error": "not etcd"}
        if "error" not in found:
            return found
        _warn(order, method, address, f"code = {_CODES[found.get('code', 2)]} desc = {found['error']}")
        raise _Stop(found["error"])
    # The real client goes on trying until its time is over.
    yield Sleep(max(order.timeout - (system.now() - begun), 0.0))
    _warn(order, method, endpoint or order.endpoints[0], f"code = DeadlineExceeded desc = {_DEADLINE}")
    raise _Stop(_DEADLINE)


def _warn(order: _Order, method: str, address: str, error: str) -> None:
    now = order.system.now()
    line = {
        "level": "warn",
        "ts": rfc3339(now)[:-1] + f".{int(now * 1_000_000) % 1_000_000:06d}Z",
        "logger": "etcd-client",
        "caller": "v3@v3.7.1/retry_interceptor.go:68",
        "msg": "retrying of unary invoker failed",
        "target": f"etcd-endpoints://{address.rpartition('//')[2]}",
        "method": f"/etcdserverpb.{method}",
        "attempt": 0,
        "error": f"rpc error: {error}",
    }
    order.system.err(web.go_json(line) + "\n")


# --- members ----------------------------------------------------------------------------------------------------------


def _member_list(order: _Order) -> Generator[Effect, Any, int | None]:
    body = {"serializable": order.options.get("consistency") == "s"}
    found = yield from _call(order, "Cluster/MemberList", "/v3/cluster/member/list", body)
    order.system.out(printing.members(found, order.style))
    return 0


def _member_add(order: _Order) -> Generator[Effect, Any, int | None]:
    if not order.words:
        raise _Stop("member name not provided", 128)
    if not order.options.get("peer-urls"):
        raise _Stop("member peer urls not provided", 128)
    name, urls = order.words[0], order.options["peer-urls"].split(",")
    found = yield from _call(order, "Cluster/MemberAdd", "/v3/cluster/member/add", {"peerURLs": urls})
    if order.style == "json":
        order.system.out(printing.as_json(found))
        return 0
    new, cluster = int(found["member"]["ID"]), int(found["header"]["cluster_id"])
    names = {one["ID"]: name if one["ID"] == found["member"]["ID"] else one.get("name", "") for one in found["members"]}
    listed = [f"{names[one['ID']]}={url}" for one in found["members"] for url in one["peerURLs"]]
    order.system.out(
        f"Member {new:16x} added to cluster {cluster:16x}\n\n"
        f'ETCD_NAME="{name}"\n'
        f'ETCD_INITIAL_CLUSTER="{",".join(listed)}"\n'
        f'ETCD_INITIAL_ADVERTISE_PEER_URLS="{",".join(urls)}"\n'
        'ETCD_INITIAL_CLUSTER_STATE="existing"\n'
    )
    return 0


def _member_remove(order: _Order) -> Generator[Effect, Any, int | None]:
    if len(order.words) != 1:
        raise _Stop("member ID is not provided", 128)
    try:
        number = int(order.words[0], 16)
    except ValueError:
        raise _Stop(
            f'bad member ID arg (strconv.ParseUint: parsing "{order.words[0]}": invalid syntax), expecting ID in Hex',
            128,
        ) from None
    found = yield from _call(order, "Cluster/MemberRemove", "/v3/cluster/member/remove", {"ID": str(number)})
    order.system.out(f"Member {number:16x} removed from cluster {int(found['header']['cluster_id']):16x}\n")
    return 0


# --- keys -------------------------------------------------------------------------------------------------------------


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _span(order: _Order) -> Body:
    """`key` and `range_end` of the arguments."""
    key = order.words[0]
    end = order.words[1] if len(order.words) > 1 else ""
    if "prefix" in order.options:
        end = key[:-1] + chr(ord(key[-1]) + 1) if key else "\0"
        key = key or "\0"
    elif "from-key" in order.options:
        end = "\0"
    return {"key": _coded(key), "range_end": _coded(end)}


def _put(order: _Order) -> Generator[Effect, Any, int | None]:
    if len(order.words) != 2:
        raise _Stop("put command needs 1 argument and input from stdin or 2 arguments", 128)
    body = {"key": _coded(order.words[0]), "value": _coded(order.words[1])}
    found = yield from _call(order, "KV/Put", "/v3/kv/put", body)
    order.system.out(printing.as_json(found) if order.style == "json" else "OK\n")
    return 0


def _get(order: _Order) -> Generator[Effect, Any, int | None]:
    if not order.words:
        raise _Stop("get command needs one argument as key and an optional argument as range_end", 128)
    body = {**_span(order), "serializable": order.options.get("consistency") == "s"}
    body["limit"] = int(order.options.get("limit", "0"))
    found = yield from _call(order, "KV/Range", "/v3/kv/range", body)
    order.system.out(printing.keys(found, order.style, order.options))
    return 0


def _delete(order: _Order) -> Generator[Effect, Any, int | None]:
    if not order.words:
        raise _Stop("del command needs one argument as key and an optional argument as range_end", 128)
    found = yield from _call(order, "KV/DeleteRange", "/v3/kv/deleterange", _span(order))
    order.system.out(printing.as_json(found) if order.style == "json" else f"{found['deleted']}\n")
    return 0


# --- endpoints --------------------------------------------------------------------------------------------------------


def _addresses(order: _Order) -> Generator[Effect, Any, list[str]]:
    if "cluster" not in order.options:
        return order.endpoints
    try:
        found = yield from _call(order, "Cluster/MemberList", "/v3/cluster/member/list", {})
    except _Stop as stop:
        raise _Stop(f"failed to fetch endpoints from etcd cluster member list: {stop}") from stop
    return [url for member in found["members"] for url in member.get("clientURLs", [])]


def _health(order: _Order) -> Generator[Effect, Any, int | None]:
    addresses = yield from _addresses(order)
    sick = False
    for address in addresses:
        try:
            yield from _call(order, "KV/Range", "/v3/kv/range", {"key": _coded("health")}, address)
        except _Stop as stop:
            order.system.err(f"{address} is unhealthy: failed to commit proposal: {stop}\n")
            sick = True
        else:
            took = f"{order.system.random.randrange(3_000_000, 10_000_000) / 1_000_000:.6f}"
            order.system.out(f"{address} is healthy: successfully committed proposal: took = {took}ms\n")
    if sick:
        raise _Stop("unhealthy cluster")
    return 0


def _status(order: _Order) -> Generator[Effect, Any, int | None]:
    addresses = yield from _addresses(order)
    found, failed = [], False
    for address in addresses:
        try:
            status = yield from _call(order, "Maintenance/Status", "/v3/maintenance/status", {}, address)
            found.append((address, status))
        except _Stop as stop:
            order.system.err(f"Failed to get the status of endpoint {address} ({stop})\n")
            failed = True
    order.system.out(printing.statuses(found, order.style))
    return 1 if failed else 0


def _version(order: _Order) -> Generator[Effect, Any, int | None]:
    yield Sleep(0)
    version = order.system.version or VERSION
    order.system.out(f"etcdctl version: {version}\nAPI version: {version.rpartition('.')[0]}\n")
    return 0


_COMMANDS: dict[str, Callable[[_Order], Generator[Effect, Any, int | None]]] = {
    "member list": _member_list,
    "member add": _member_add,
    "member remove": _member_remove,
    "endpoint health": _health,
    "endpoint status": _status,
    "put": _put,
    "get": _get,
    "del": _delete,
    "version": _version,
}
