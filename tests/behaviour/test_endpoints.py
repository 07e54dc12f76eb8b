"""Every endpoint of real discovery, every method: answered as a real server answers, or named among the differences.

`endpoints.jsonl` holds the real answers (`python -m tests.behaviour.endpoints KUBECONFIG`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from k8s_tutor.objects.kinds import builtin_kinds
from tests.behaviour.endpoints import ANSWERS, gist, requests, words

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from tests.behaviour.conftest import Environment

# Kinds whose objects are checked less closely (docs/limits.md): of an empty one the real server names more mistakes.
LESS_CHECKED = (
    *("apiservices", "clustertrustbundles", "controllerrevisions", "csistoragecapacities", "devicetaintrules"),
    *("flowschemas", "horizontalpodautoscalers", "ingressclasses", "ingresses", "ipaddresses", "limitranges"),
    *("mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "persistentvolumeclaims", "persistentvolumes"),
    *("podcertificaterequests", "podtemplates", "prioritylevelconfigurations", "replicationcontrollers"),
    *("resourceslices", "servicecidrs", "storageclasses", "storageversionmigrations", "validatingadmissionpolicies"),
    *("validatingadmissionpolicybindings", "volumeattachments", "volumeattributesclasses"),
)
# Of an empty object both servers name mistakes, in another order or other words.
OTHER_WORDS = ("certificatesigningrequests", "cronjobs", "customresourcedefinitions", "daemonsets", "events")


def recorded() -> dict[str, list[Any]]:
    rows = (json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines())
    return {request: answer for request, *answer in rows}


def test_every_endpoint_answers_as_on_a_real_server_or_is_named(embedded_cluster: Cluster) -> None:
    real = recorded()
    different = {}
    for request in requests(builtin_kinds(), "default"):
        row = words(request).replace("/namespaces/default", "/namespaces/NAMESPACE")
        answer = gist(embedded_cluster.api.send(request), "default")
        if answer != real[row]:
            different[row] = (answer, real[row])
    empty = re.compile(r"POST /apis?/.*?([a-z]+)\?dryRun=All")
    named = {row: match[1] for row in different if (match := empty.fullmatch(row))}
    assert not {row: answers for row, answers in different.items() if row not in named}
    assert set(named.values()) <= {*LESS_CHECKED, *OTHER_WORDS}
    refused = [row for row, kind in named.items() if kind in OTHER_WORDS and different[row][0][:2] != [422, "Invalid"]]
    assert not refused


def test_the_recorded_answers_are_those_of_a_real_server(env: Environment) -> None:
    real = recorded()
    for number, request in enumerate(requests(builtin_kinds(), env.namespace)):
        row = words(request).replace(env.namespace, "NAMESPACE")
        if number % 9 == 0 and not row.startswith("POST"):  # few are enough to see that they are not out of date
            assert gist(env.cluster.api.send(request), env.namespace) == real[row], row
