"""etcdctl's forms of output: simple, table, json, fields."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from k8s_tutor.embedded.images.program import System

__all__ = ["BadFlag", "Flags", "as_json", "keys", "members", "read", "statuses"]

Body = dict[str, Any]

_NUMBERS = (
    "dbSize",
    "dbSizeInUse",
    "dbSizeQuota",
    "deleted",
    "leader",
    "raftAppliedIndex",
    "raftIndex",
    "raftTerm",
    "cluster_id",
    "member_id",
    "revision",
    "raft_term",
    "ID",
    "create_revision",
    "mod_revision",
    "version",
    "count",
)


def as_json(body: Body) -> str:
    """The answer as etcdctl writes it: numbers as numbers, nothing empty."""
    return json.dumps(_numbered(body), separators=(",", ":")) + "\n"


def _numbered(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: int(one) if key in _NUMBERS and one.isdecimal() else _numbered(one)
        for key, one in value.items()
        if one not in ("", [], False)
    }


def members(body: Body, style: str) -> str:
    """`member list`."""
    if style == "json":
        header = {key: value for key, value in body["header"].items() if key != "revision"}
        return as_json({**body, "header": header})
    rows = [
        [
            f"{int(one['ID']):x}",
            "started" if one.get("name") else "unstarted",
            one.get("name", ""),
            ",".join(one["peerURLs"]),
            ",".join(one.get("clientURLs", [])),
            "false",
        ]
        for one in body["members"]
    ]
    if style == "fields":
        return _member_fields(body)
    if style == "table":
        return _table(["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"], rows)
    return "".join(", ".join(row) + "\n" for row in rows)


def _member_fields(body: Body) -> str:
    header = body["header"]
    names = {"ClusterID": "cluster_id", "MemberID": "member_id", "RaftTerm": "raft_term"}
    lines = [f'"{name}" : {header[key]}' for name, key in names.items()]
    for one in body["members"]:
        lines += [f'"ID" : {one["ID"]}', f'"Name" : "{one.get("name", "")}"']
        lines += [f'"PeerURL" : "{url}"' for url in one["peerURLs"]]
        lines += [f'"ClientURL" : "{url}"' for url in one.get("clientURLs", [])]
        lines += ['"IsLearner" : false', ""]
    return "".join(f"{line}\n" for line in lines)


def _plain(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")


def keys(body: Body, style: str, options: Mapping[str, str]) -> str:
    """`get`."""
    if style == "json":
        return as_json(body)
    if style == "fields":
        return _fields(body)
    if "count-only" in options:
        return f"{body['count']}\n"
    lines = []
    for one in body.get("kvs", []):
        if "print-value-only" not in options:
            lines.append(_plain(one["key"]))
        lines.append("" if "keys-only" in options else _plain(one["value"]))
    return "".join(f"{line}\n" for line in lines)


def _fields(body: Body) -> str:
    header = body["header"]
    names = {"ClusterID": "cluster_id", "MemberID": "member_id", "Revision": "revision", "RaftTerm": "raft_term"}
    lines = [f'"{name}" : {header[key]}' for name, key in names.items()]
    for one in body.get("kvs", []):
        lines += [
            f'"Key" : "{_plain(one["key"])}"',
            f'"CreateRevision" : {one["create_revision"]}',
            f'"ModRevision" : {one["mod_revision"]}',
            f'"Version" : {one["version"]}',
            f'"Value" : "{_plain(one["value"])}"',
            '"Lease" : 0',
        ]
    lines += [f'"More" : {str(body.get("more", False)).lower()}', f'"Count" : {body["count"]}']
    return "".join(f"{line}\n" for line in lines)


def statuses(found: Sequence[tuple[str, Body]], style: str) -> str:
    """`endpoint status`."""
    if style == "json":
        return (
            json.dumps(
                [{"Endpoint": address, "Status": _numbered(body)} for address, body in found], separators=(",", ":")
            )
            + "\n"
        )
    rows = [
        [
            address,
            f"{int(body['header']['member_id']):x}",
            body["version"],
            "3.7.0",
            "20 kB",
            "16 kB",
            "20%",
            "2.1 GB",
            str(body["leader"] == body["header"]["member_id"]).lower(),
            "false",
            body["raftTerm"],
            body["raftIndex"],
            body["raftAppliedIndex"],
            ", ".join(body.get("errors", [])),
            "",
            "false",
        ]
        for address, body in found
    ]
    if style == "table":
        return _table(_STATUS, rows)
    return "".join(", ".join(row) + "\n" for row in rows)


_STATUS = (
    "ENDPOINT",
    "ID",
    "VERSION",
    "STORAGE VERSION",
    "DB SIZE",
    "IN USE",
    "PERCENTAGE NOT IN USE",
    "QUOTA",
    "IS LEADER",
    "IS LEARNER",
    "RAFT TERM",
    "RAFT INDEX",
    "RAFT APPLIED INDEX",
    "ERRORS",
    "DOWNGRADE TARGET VERSION",
    "DOWNGRADE ENABLED",
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A box with centred headings and cells to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]

    def line(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    def row(cells: Sequence[str]) -> str:
        return "│" + "│".join(f" {cell} " for cell in cells) + "│"

    lines = [
        line("┌", "┬", "┐"),
        row(
            [f"{' ' * ((width - len(cell)) // 2)}{cell}".ljust(width) for cell, width in zip(head, widths, strict=True)]
        ),
        line("├", "┼", "┤"),
        *(row([cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]) for cells in rows),
        line("└", "┴", "┘"),
    ]
    return "".join(f"{one}\n" for one in lines)


# ---- etcd's command line and environment

_DEFAULTS = {
    "name": "default",
    "data-dir": "",
    "initial-advertise-peer-urls": "http://localhost:2380",
    "listen-peer-urls": "http://localhost:2380",
    "listen-client-urls": "http://localhost:2379",
    "advertise-client-urls": "http://localhost:2379",
    "initial-cluster": "",
    "initial-cluster-state": "new",
    "initial-cluster-token": "etcd-cluster",
}
_IGNORED = (
    "heartbeat-interval",
    "election-timeout",
    "snapshot-count",
    "logger",
    "log-level",
    "log-outputs",
    "auto-compaction-retention",
    "auto-compaction-mode",
    "quota-backend-bytes",
    "listen-metrics-urls",
    "metrics",
    "wal-dir",
    "max-snapshots",
    "max-wals",
    "strict-reconfig-check",
    "pre-vote",
    "enable-pprof",
    "initial-election-tick-advance",
    "watch-progress-notify-interval",
    "unsafe-no-fsync",
)


class BadFlag(Exception):
    """The command line is not one of etcd's."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What a member is told at its start.

    Attributes:
        initial: Peer URLs by member name.
    """

    name: str
    data_dir: str
    peer_urls: list[str]
    client_urls: list[str]
    peer_port: int
    client_port: int
    initial: dict[str, list[str]]
    existing: bool
    token: str


def read(system: System) -> Flags:
    """Flags over `ETCD_…` variables over defaults.

    Raises:
        BadFlag: something etcd does not know; the message is etcd's.
    """
    values = {name: system.env.get("ETCD_" + name.replace("-", "_").upper(), text) for name, text in _DEFAULTS.items()}
    words = list(system.args[1:])
    while words:
        word = words.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            raise BadFlag(f'"{word}" is not a valid flag')
        if name not in _DEFAULTS and name not in _IGNORED:
            raise BadFlag(f"flag provided but not defined: -{name}")
        if not equals and words and not words[0].startswith("-"):
            value = words.pop(0)
        values[name] = value
    name = values["name"]
    peer_urls = values["initial-advertise-peer-urls"].split(",")
    return Flags(
        name=name,
        data_dir=values["data-dir"] or f"/{name}.etcd",
        peer_urls=peer_urls,
        client_urls=values["advertise-client-urls"].split(","),
        peer_port=_port(values["listen-peer-urls"]),
        client_port=_port(values["listen-client-urls"]),
        initial=_cluster(values["initial-cluster"]) or {name: peer_urls},
        existing=values["initial-cluster-state"] == "existing",
        token=values["initial-cluster-token"],
    )


def _port(urls: str) -> int:
    parts = urlsplit(urls.split(",", maxsplit=1)[0])
    if parts.scheme != "http":
        raise BadFlag(f"{parts.scheme} is not simulated on the embedded cluster; use http")
    return parts.port or 80


def _cluster(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for piece in filter(None, text.split(",")):
        name, _, url = piece.partition("=")
        found.setdefault(name, []).append(url)
    return found
