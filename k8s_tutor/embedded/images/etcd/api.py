"""What a member answers to clients: etcd's JSON gateway (`/v3/…`), `/health`, `/version`. etcdctl uses it too."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.etcd.replica import Member, Replica, member_id
from k8s_tutor.embedded.images.program import Reply
from k8s_tutor.embedded.nodeservices import HttpRequest

if TYPE_CHECKING:
    from k8s_tutor.embedded.images.etcd.server import Node

__all__ = ["answer"]

Body = dict[str, Any]

_JSON = {"Content-Type": "application/json"}
_PATIENCE = 7.0  # seconds after which a member gives up on a majority
_NOT_FOUND, _PRECONDITION, _INVALID = 5, 9, 3


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
        return Reply(web.answer(now, 200, '{"etcdserver":"3.7.1","etcdcluster":"3.7.0"}', _JSON))
    if path in ("/health", "/readyz", "/livez"):
        return _health(node, path)
    handler = _HANDLERS.get(path)
    if handler is None or request.method != "POST":
        return Reply(web.not_found(now))
    body = json.loads(request.body or b"{}")
    try:
        there = node.agree() if not body.get("serializable") else node.replica.ordered()
        if there is None:
            return Reply(_error(node, 504, 4, "etcdserver: request timed out"), _PATIENCE)
        result = handler(node, body, there)
    except _Refused as refusal:
        return Reply(_error(node, 404 if refusal.code == _NOT_FOUND else 400, refusal.code, refusal.message))
    return Reply(web.answer(now, 200, json.dumps({"header": _header(node), **result}), _JSON))


def _error(node: Node, status: int, code: int, message: str) -> Any:
    return web.answer(
        node.system.now(), status, json.dumps({"error": message, "code": code, "message": message}), _JSON
    )


def _health(node: Node, path: str) -> Reply:
    good = node.agree() is not None
    if path != "/health":
        return Reply(web.answer(node.system.now(), 200 if good or path == "/livez" else 503, "ok\n"))
    text = '{"health":"true","reason":""}' if good else '{"health":"false","reason":"RAFT NO LEADER"}'
    return Reply(web.answer(node.system.now(), 200 if good else 503, text, _JSON))


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
    shown = [_row(replica, name) for name in (names[:limit] if limit else names)]
    return {"kvs": shown, "count": str(len(names)), "more": len(shown) < len(names)}


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


def _add(node: Node, body: Body, there: list[Member]) -> Body:
    replica, urls = node.replica, list(body.get("peerURLs", []))
    if any(url in member.peer_urls for member in replica.ordered() for url in urls):
        raise _Refused(_PRECONDITION, "etcdserver: Peer URLs already exists")
    # As etcd's strict check: one that is added must be able to start before the next one comes.
    started = [member for member in replica.ordered() if member.name]
    if len(started) < (len(replica.members) + 1) // 2 + 1:
        raise _Refused(_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members")
    new = Member(member_id(urls, replica.token, int(node.system.now())), urls)
    replica.members[new.id] = new
    node.spread(there)
    return {"member": _member(new), "members": _list(node, {}, there)["members"]}


def _remove(node: Node, body: Body, there: list[Member]) -> Body:
    replica, gone = node.replica, int(body.get("ID", 0))
    if gone not in replica.members:
        raise _Refused(_NOT_FOUND, "etcdserver: member not found")
    left = [member for member in replica.ordered() if member.name and member.id != gone]
    alive = [member for member in there if member.id != gone]
    if replica.members[gone].name and min(len(left), len(alive)) < (len(replica.members) - 1) // 2 + 1:
        raise _Refused(_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members")
    del replica.members[gone]
    replica.removed.append(gone)
    node.spread(there)
    if gone == node.id:
        node.leave()
    return {"members": _list(node, {}, there)["members"]}


def _status(node: Node, _body: Body, _there: list[Member]) -> Body:
    replica = node.replica
    index = str(replica.index + 4)
    return {
        "version": "3.7.1",
        "dbSize": "20480",
        "leader": str(replica.leader),
        "raftIndex": index,
        "raftTerm": str(replica.term),
        "raftAppliedIndex": index,
        "dbSizeInUse": "16384",
    }


_HANDLERS = {
    "/v3/kv/range": _range,
    "/v3/kv/put": _put,
    "/v3/kv/deleterange": _delete,
    "/v3/cluster/member/list": _list,
    "/v3/cluster/member/add": _add,
    "/v3/cluster/member/remove": _remove,
    "/v3/maintenance/status": _status,
}
