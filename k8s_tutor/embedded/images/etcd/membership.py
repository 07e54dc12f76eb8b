"""When etcd lets a member be added or removed: its strict check of reconfigurations, on by default.

Source of the rules: etcd's `mayAddMember` and `mayRemoveMember` (server/etcdserver/server.go), seen on a real 3.7.1: a
change that could leave the cluster without a majority is refused before it is tried.
"""

from __future__ import annotations

from collections.abc import Mapping

from k8s_tutor.embedded.images.etcd.replica import Member, Replica

__all__ = ["NOT_STARTED", "UNHEALTHY", "adding_refused", "removing_refused"]

NOT_STARTED = "etcdserver: re-configuration failed due to not enough started members"
UNHEALTHY = "etcdserver: unhealthy cluster"
_HEALTHY_FOR = 5.0  # seconds a member must have been connected to count: etcd's HealthInterval


def adding_refused(replica: Replica, own: int, connected: Mapping[int, float]) -> str:
    """Why no member may be added now; empty where one may.

    Args:
        replica: The cluster as it is.
        own: Id of the member that is asked.
        connected: For how many seconds the others have been connected to it, by id; those that are not are missing.
    """
    members = replica.ordered()
    if len(members) == 1:  # one becomes two although one of two is no majority
        return ""
    needed = _majority(len(members) + 1)
    if _started(members) < needed:
        return NOT_STARTED
    return "" if _steady(members, own, connected) >= needed else UNHEALTHY


def removing_refused(replica: Replica, own: int, connected: Mapping[int, float], gone: int) -> str:
    """Why a member may not be removed now; empty where it may.

    Args:
        replica: The cluster as it is.
        own: Id of the member that is asked.
        connected: See `adding_refused`.
        gone: Id of the member to remove.
    """
    members = replica.ordered()
    left = [member for member in members if member.id != gone]
    if not left or _started(left) < _majority(len(left)):
        return NOT_STARTED
    if gone != own and gone not in connected:  # one that is down is no part of the majority that works
        return ""
    return "" if _steady(members, own, connected) - 1 >= 1 + (len(members) - 1) // 2 else UNHEALTHY


def _majority(size: int) -> int:
    return size // 2 + 1


def _started(members: list[Member]) -> int:
    return sum(bool(member.name) for member in members)


def _steady(members: list[Member], own: int, connected: Mapping[int, float]) -> int:
    return sum(member.id == own or connected.get(member.id, 0.0) >= _HEALTHY_FOR for member in members)
