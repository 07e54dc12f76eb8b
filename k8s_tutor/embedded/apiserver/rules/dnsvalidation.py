"""What is wrong with how a pod's containers find names: host aliases, DNS policy, DNS configuration.

Source of rules and wording: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required
from k8s_tutor.embedded.apiserver.rules.checks import ip_address, one_of
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["validate_dns", "validate_host_aliases"]

_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MOST_SERVERS, _MOST_SEARCHES = 3, 32
_SEARCH = r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*"
_SEARCH_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    f"start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SEARCH}')"
)


def validate_dns(spec: Obj, path: str) -> list[FieldError]:
    """A pod's `dnsPolicy` and `dnsConfig`."""
    found = one_of(spec["dnsPolicy"], _POLICIES, f"{path}.dnsPolicy")
    config, place = spec.get("dnsConfig"), f"{path}.dnsConfig"
    if config is None:
        if spec["dnsPolicy"] == "None":
            found.append(required(place, "must provide `dnsConfig` when `dnsPolicy` is None"))
        return found
    if spec["dnsPolicy"] == "None" and not config.get("nameservers"):
        words = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        return [*found, required(f"{place}.nameservers", words)]
    return found + _validate_config(config, place)


def validate_host_aliases(aliases: list[Obj], path: str) -> list[FieldError]:
    """Lines for a pod's `/etc/hosts`."""
    found: list[FieldError] = []
    for index, alias in enumerate(aliases):
        found += ip_address(alias.get("ip", ""), f"{path}[{index}].ip")
        for number, name in enumerate(alias.get("hostnames", ())):
            place = f"{path}[{index}].hostnames[{number}]"
            found += [invalid(place, name, problem) for problem in names.dns1123_subdomain(name)]
    return found


def _validate_config(config: Obj, path: str) -> list[FieldError]:
    servers, searches = config.get("nameservers", []), config.get("searches", [])
    found: list[FieldError] = []
    if len(servers) > _MOST_SERVERS:
        words = f"must not have more than {_MOST_SERVERS} nameservers"
        found.append(invalid(f"{path}.nameservers", servers, words))
    for index, server in enumerate(servers):
        found += ip_address(server, f"{path}.nameservers[{index}]")
    if len(searches) > _MOST_SEARCHES:
        found.append(invalid(f"{path}.searches", searches, f"must not have more than {_MOST_SEARCHES} search paths"))
    for index, search in enumerate(searches):
        if search != "." and not re.fullmatch(_SEARCH, search.removesuffix(".")):
            found.append(invalid(f"{path}.searches[{index}]", search, _SEARCH_WORDS))
    for index, option in enumerate(config.get("options", ())):
        if not option.get("name"):
            found.append(required(f"{path}.options[{index}]", "must not be empty"))
    return found
