"""Service addresses and node ports: unique, seeded, from the ranges kind uses.

What is taken follows from the stored Services, so nothing is kept beside them. As in the real server, numbers nobody
asked for come from the upper part of the range, so that the lower part stays free for those who choose their own.
Source: pkg/registry/core/service of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

import ipaddress
from random import Random

from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.fielderrors import FieldError
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["SERVICE_RANGE", "allocate"]

SERVICE_RANGE = ipaddress.IPv4Network("10.96.0.0/16")
_CHOSEN_ADDRESSES = 256  # the lower part of the range
_FIRST_PORT, _LAST_PORT, _CHOSEN_PORTS = 30000, 32767, 86
_EXTERNAL = ("LoadBalancer", "NodePort")


def allocate(call: Call, service: Obj, old: Obj | None, kind: Kind) -> None:
    """Gives a valid Service its address and ports, or checks those it asks for.

    Raises:
        StatusError: 422 for what is taken or out of range.
    """
    others = [
        other for other in call.context.store.list("services") if other["metadata"]["uid"] != service["metadata"]["uid"]
    ]
    problems: list[FieldError] = []
    spec = service["spec"]
    if spec["type"] != "ExternalName":
        problems += _validate_families(spec) or _allocate_address(spec, old, others, call.context.random)
    if spec["type"] in _EXTERNAL and spec.get("allocateLoadBalancerNodePorts", True):
        problems += _allocate_ports(spec, old, others, call.context.random)
    if problems:
        raise errors.invalid(kind, service["metadata"]["name"], problems)


def _validate_families(spec: Obj) -> list[FieldError]:
    """This cluster has one range, of IPv4 addresses; a headless Service whose endpoints are others' may name any."""
    if spec.get("clusterIP") == "None" and not spec.get("selector"):
        return []
    found = [
        fielderrors.invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")
        for index, family in enumerate(spec.get("ipFamilies", ()))
        if family != "IPv4"
    ]
    if spec.get("ipFamilyPolicy") == "RequireDualStack":
        words = "this cluster is not configured for dual-stack services"
        found.append(fielderrors.invalid("spec.ipFamilyPolicy", "RequireDualStack", words))
    return found


def _allocate_address(spec: Obj, old: Obj | None, others: list[Obj], random: Random) -> list[FieldError]:
    headless = spec.get("clusterIP") == "None"
    dual = headless and not spec.get("selector") and "ipFamilyPolicy" not in spec
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if dual else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if dual else "SingleStack")
    asked = spec.get("clusterIP", "")
    if headless or (old is not None and asked and asked == old["spec"].get("clusterIP")):
        return []
    taken = {other["spec"].get("clusterIP") for other in others}
    if not asked:
        spec["clusterIP"] = _free_address(taken, random)
        spec["clusterIPs"] = [spec["clusterIP"]]
        return []
    if ipaddress.ip_address(asked) not in SERVICE_RANGE:
        why = "the provided network does not match the current range"
    elif asked in taken:
        why = "provided IP is already allocated"
    else:
        return []
    return [fielderrors.invalid("spec.clusterIPs", [asked], f"failed to allocate IP {asked}: {why}")]


def _free_address(taken: set[str], random: Random) -> str:
    size = SERVICE_RANGE.num_addresses - 1
    while True:
        address = str(SERVICE_RANGE[random.randrange(_CHOSEN_ADDRESSES + 1, size)])
        if address not in taken:
            return address


def _allocate_ports(spec: Obj, old: Obj | None, others: list[Obj], random: Random) -> list[FieldError]:
    taken = {number for other in others for number in _ports_of(other)}
    kept = _ports_of(old) if old is not None else set()
    problems: list[FieldError] = []
    for index, port in enumerate(spec.get("ports", ())):
        asked, path = port.get("nodePort", 0), f"spec.ports[{index}].nodePort"
        if not asked:
            port["nodePort"] = asked = _free_port(taken, random)
        elif not _FIRST_PORT <= asked <= _LAST_PORT:
            words = f"provided port is not in the valid range. The range of valid ports is {_FIRST_PORT}-{_LAST_PORT}"
            problems.append(fielderrors.invalid(path, asked, words))
        elif asked in taken and asked not in kept:
            problems.append(fielderrors.invalid(path, asked, "provided port is already allocated"))
        taken.add(asked)
    if spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
        spec.setdefault("healthCheckNodePort", _free_port(taken, random))
    return problems


def _ports_of(service: Obj) -> set[int]:
    spec = service["spec"]
    numbers = {port["nodePort"] for port in spec.get("ports", ()) if port.get("nodePort")}
    return numbers | {spec["healthCheckNodePort"]} if spec.get("healthCheckNodePort") else numbers


def _free_port(taken: set[int], random: Random) -> int:
    while True:
        number = random.randint(_FIRST_PORT + _CHOSEN_PORTS, _LAST_PORT)
        if number not in taken:
            return number
