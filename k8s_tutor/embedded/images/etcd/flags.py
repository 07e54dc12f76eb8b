"""etcd's command line and environment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from k8s_tutor.embedded.images.program import System

__all__ = ["BadFlag", "Flags", "read"]

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
