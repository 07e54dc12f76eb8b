"""What a member answers to clients: etcd's JSON gateway (`/v3/…`), `/health`, `/version`. etcdctl uses it too."""

from __future__ import annotations

import base64
import json
from typing import Any

from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd.replica import (
    UNHEALTHY,
    Member,
    Node,
    Replica,
    adding_refused,
    member_id,
    removing_refused,
)
from k8s_tutor.embedded.images.program import Reply, System
from k8s_tutor.embedded.nodeservices import HttpRequest

__all__ = ["VERSION", "answer", "versions"]

Body = dict[str, Any]

_JSON = {"Content-Type": "application/json"}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_SNIFF = {**_PLAIN, "X-Content-Type-Options": "nosniff"}
_PATIENCE = 7.0  # seconds after which a member gives up on a majority
_UNKNOWN, _DEADLINE, _NOT_FOUND, _PRECONDITION, _UNAVAILABLE = 2, 4, 5, 9, 14  # gRPC's codes
VERSION = "3.7.1"


def versions(system: System) -> str:
    """`/version`: of the server, of the cluster and of what it stores."""
    line = f"{(system.version or VERSION).rpartition('.')[0]}.0"
    storage = {} if line < "3.6" else {"storage": line}  # etcd tells it since 3.6
    return web.go_json({"etcdserver": system.version or VERSION, "etcdcluster": line, **storage})


class _Refused(Exception):
    """An error of etcd's, with its gRPC code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def answer(node: Node, request: HttpRequest) -> Reply:
    """Answers a client."""
    path, now = web.path_of(request), node.system.now()
    if path == "/version":
        return Reply(web.answer(now, 200, versions(node.system), _JSON))
    if path in _QUESTIONS:
        return _QUESTIONS[path](node, now)
    handler = _HANDLERS.get(path)
    if handler is None or request.method != "POST":
        return Reply(web.not_found(now))
    body = json.loads(request.body or b"{}")
    try:
        there = node.agree()
        if path in _CHECKS:
            _CHECKS[path](node, body)
        if there is None:
            if not (body.get("serializable") or path == _STATUS):  # these a member answers from what it knows
                return Reply(_error(node, 504, _DEADLINE, "etcdserver: request timed out"), _PATIENCE)
            there = []
        result = handler(node, body, there)
    except _Refused as refusal:
        return Reply(_error(node, 404 if refusal.code == _NOT_FOUND else 400, refusal.code, refusal.message))
    return Reply(web.answer(now, 200, json.dumps({"header": _header(node), **result}), _JSON))


def _error(node: Node, status: int, code: int, message: str) -> Any:
    return web.answer(
        node.system.now(), status, json.dumps({"error": message, "code": code, "message": message}), _JSON
    )


def _health(node: Node, now: float) -> Reply:
    if node.agree() is not None:
        return Reply(web.answer(now, 200, '{"health":"true","reason":""}', _PLAIN))
    return Reply(web.answer(now, 503, '{"health":"false","reason":"RAFT NO LEADER"}\n', _SNIFF))


def _ready(node: Node, now: float) -> Reply:
    if node.agree() is not None:
        return Reply(web.answer(now, 200, "ok\n", _SNIFF))
    failed = "[-]linearizable_read failed: etcdserver: request timed out\n"
    text = f"[+]data_corruption ok\n[+]serializable_read ok\n{failed}[+]non_learner ok\n\n"
    return Reply(web.answer(now, 503, text, _SNIFF))


def _alive(_node: Node, now: float) -> Reply:
    return Reply(web.answer(now, 200, "ok\n", _SNIFF))


_QUESTIONS = {"/health": _health, "/readyz": _ready, "/livez": _alive}


def _header(node: Node) -> Body:
    replica = node.replica
    return {
        "cluster_id": str(replica.cluster),
        "member_id": str(node.id),
        "revision": str(replica.revision),
        "raft_term": str(replica.term),
    }


def _plain(text: str) -> str:
    return base64.b64decode(text).decode(errors="surrogateescape")


def _coded(text: str) -> str:
    return base64.b64encode(text.encode(errors="surrogateescape")).decode()


def _range(node: Node, body: Body, _there: list[Member]) -> Body:
    replica = node.replica
    names = replica.range(_plain(body.get("key", "")), _plain(body.get("range_end", "")))
    limit = int(body.get("limit", 0))
    rows = [_row(replica, name) for name in (names[:limit] if limit else names)]
    return {"kvs": rows, "count": str(len(names)), "more": len(rows) < len(names)}


def _row(replica: Replica, name: str) -> Body:
    entry = replica.keys[name]
    return {
        "key": _coded(name),
        "create_revision": str(entry.created),
        "mod_revision": str(entry.modified),
        "version": str(entry.version),
        "value": _coded(entry.value),
    }


def _put(node: Node, body: Body, there: list[Member]) -> Body:
    node.replica.put(_plain(body["key"]), _plain(body.get("value", "")))
    node.spread(there)
    return {}


def _delete(node: Node, body: Body, there: list[Member]) -> Body:
    names = node.replica.range(_plain(body["key"]), _plain(body.get("range_end", "")))
    node.replica.delete(names)
    if names:
        node.spread(there)
    return {"deleted": str(len(names))}


def _member(member: Member) -> Body:
    named = {"name": member.name, "clientURLs": member.client_urls} if member.name else {}
    return {"ID": str(member.id), **named, "peerURLs": member.peer_urls}


def _list(node: Node, _body: Body, _there: list[Member]) -> Body:
    return {"members": [_member(member) for member in node.replica.ordered()]}


def _may_add(node: Node, _body: Body) -> None:
    _refuse(adding_refused(node.replica, node.id, node.connected))


def _may_remove(node: Node, body: Body) -> None:
    _refuse(removing_refused(node.replica, node.id, node.connected, int(body.get("ID", 0))))


def _refuse(words: str) -> None:
    if words:
        raise _Refused(_UNAVAILABLE if words == UNHEALTHY else _UNKNOWN, words)


_CHECKS = {"/v3/cluster/member/add": _may_add, "/v3/cluster/member/remove": _may_remove}


def _add(node: Node, body: Body, there: list[Member]) -> Body:
    replica, urls = node.replica, list(body.get("peerURLs", []))
    if any(url in member.peer_urls for member in replica.ordered() for url in urls):
        raise _Refused(_PRECONDITION, "etcdserver: Peer URLs already exists")
    new = Member(member_id(urls, "", int(node.system.now())), urls)  # here etcd leaves the token out
    replica.members[new.id] = new
    node.spread(there)
    return {"member": _member(new), "members": _list(node, {}, there)["members"]}


def _remove(node: Node, body: Body, there: list[Member]) -> Body:
    replica, gone = node.replica, int(body.get("ID", 0))
    if gone not in replica.members:
        raise _Refused(_NOT_FOUND, "etcdserver: member not found")
    del replica.members[gone]
    replica.removed.append(gone)
    node.spread(there)
    if gone == node.id:
        node.leave()
    return {"members": _list(node, {}, there)["members"]}


def _status(node: Node, _body: Body, there: list[Member]) -> Body:
    replica = node.replica
    index = str(replica.index + 4)
    alone = {} if there else {"leader": "0", "errors": ["etcdserver: no leader"]}
    return {
        "version": node.system.version or VERSION,
        "dbSize": "20480",
        "leader": str(replica.leader),
        "raftIndex": index,
        "raftTerm": str(replica.term),
        "raftAppliedIndex": index,
        "dbSizeInUse": "16384",
        "storageVersion": f"{(node.system.version or VERSION).rpartition('.')[0]}.0",
        "dbSizeQuota": "2147483648",
        "downgradeInfo": {},
        **alone,
    }


_STATUS = "/v3/maintenance/status"
_HANDLERS = {
    "/v3/kv/range": _range,
    "/v3/kv/put": _put,
    "/v3/kv/deleterange": _delete,
    "/v3/cluster/member/list": _list,
    "/v3/cluster/member/add": _add,
    "/v3/cluster/member/remove": _remove,
    _STATUS: _status,
}
