"""Every word that pictures say to people, in one place: one catalogue a language, the same keys in each."""

from __future__ import annotations

from collections.abc import Mapping

from k8s_tutor.graph.model import Phrase

__all__ = ["CATALOGUES", "kinds", "say"]

_ENGLISH: Mapping[str, str] = {
    "verbatim": "{0}",
    # how things are
    "ready": "Ready",
    "not-ready": "Not ready",
    "running-ready": "Running, ready",
    "running-not-ready": "Running, not ready",
    "ready-of": "{0} of {1} ready",
    "there-of": "{0} of {1} there",
    "done-of": "{0} of {1} done",
    "no-pods-wanted": "0 Pods wanted",
    "no-endpoints": "no endpoints",
    "cordoned": "Ready, cordoned",
    "not-condition": "not {0}",
    "absent": "not there",
    "pending": "pending",
    "has-address": "assigned",
    "terminating": "being deleted",
    # why
    "readiness-code": "readiness probe {0}",
    "readiness-refused": "readiness probe: connection refused",
    "readiness-late": "readiness probe: no answer in time",
    "readiness-says": "readiness probe: {0}",
    "readiness-failed": "readiness probe failed",
    "readiness-waiting": "readiness probe has not passed yet",
    "liveness-code": "liveness probe {0}",
    "liveness-refused": "liveness probe: connection refused",
    "liveness-late": "liveness probe: no answer in time",
    "liveness-says": "liveness probe: {0}",
    "liveness-failed": "liveness probe failed",
    "startup-code": "startup probe {0}",
    "startup-refused": "startup probe: connection refused",
    "startup-late": "startup probe: no answer in time",
    "startup-says": "startup probe: {0}",
    "startup-failed": "startup probe failed",
    "startup-waiting": "startup probe has not passed yet",
    "no-node": "no node fits: {0}",
    "cannot-pull": "cannot pull {0}",
    "exit-code": "exit code {0}",
    "out-of-memory": "out of memory, exit code {0}",
    "no-address-yet": "no address yet",
    "no-endpoint-yet": "not in an EndpointSlice yet",
    "no-pod-has": "no Pod has {0}",
    "not-there": "{0} does not exist",
    "no-port-named": "no port called {0}",
    "nobody-gives-address": "nobody has given it an address",
    "address-on-its-way": "an address is on its way",
    "refused-on": "connection refused on port {0}",
    "timed-out-on": "no answer on port {0}",
    "no-such-port": "Service {0} has no port {1}",
    "nobody-behind": "refused: no Pod to send it to",
    "failed-refused": "connection refused",
    "failed-timed-out": "no answer in time",
    "failed-no-such-name": "no such name",
    "failed-broken": "connection broken off",
    "status-code": "status {0}",
    # facts
    "one-restart": "1 restart",
    "restarts": "{0} restarts",
    "containers-running": "{0} of {1} containers running",
    "address": "address {0}",
    "address-shared": "address {0}, shared by its containers",
    "labels": "labels {0}",
    "port": "port {0}",
    "port-to": "port {0} → {1}",
    "port-to-node": "port {0} → node port {1}",
    "headless": "headless",
    "on-every-node": "on every node",
    "no-selector": "no selector",
    "cpus": "{0} CPUs",
    "n-pods": "{0} Pods",
    "n-ready": "{0} ready",
    "n-done": "{0} done",
    "folded": "all well, shown as one",
    "times": "× {0}",
    # requests
    "one-request": "1 request",
    "n-requests": "{0} requests",
    "no-requests": "none",
    "no-good-answer": "no good answer",
    "from-computer": "from this computer",
    "from-pod": "from a Pod of the cluster",
    "from-pods": "from {0} Pods of the cluster",
    "flow-title": "Requests to {0}",
    "flow-all": "{0} → {1}: all answered",
    "flow-some": "{0} → {1}: {2} answered",
    "flow-none": "{0} → {1}: no answer",
    "flow-pod": "{0}: {1}",
    "flow-pod-why": "{0}: {1} ({2})",
    "flow-failed": "no good answer: {0} ({1})",
    "flow-unnamed": "answered without saying who: {0}",
    "flow-client": "client {0} met {1}",
    "flow-client-many": "client {0} met {1} different Pods",
    "flow-given-up": "given up after {0} of {1}: nothing came back",
    # what is inside
    "container": "Container",
    "init-container": "Init container",
    "sidecar": "Sidecar",
    "ephemeral-container": "Ephemeral container",
    # sentences of the text twin and of the live log
    "nothing-here": "Nothing here yet: namespace {0} holds nothing to draw.",
    "namespace-title": "Namespace {0}",
    "cluster-title": "All namespaces",
    "line": "{0}: {1}",
    "line-cause": "{0}: {1}: {2}",
    "service-line": "{0} → {1} of {2} Pods ready",
    "service-none": "{0} → no endpoints",
    "log-added": "{0} created",
    "log-removed": "{0} deleted",
    "log-changed": "{0}: {1} → {2}",
    # the parts of a pod
    "anatomy-title": "Anatomy of Pod {0}",
    "anatomy-node-name": "Node",
    "anatomy-node": "the machine it was put on; it stays there until its end",
    "anatomy-pod-name": "Pod",
    "anatomy-pod": "the smallest thing Kubernetes starts and deletes: always as a whole",
    "anatomy-address-name": "Address",
    "anatomy-address": "one for the whole Pod; inside it, containers meet on localhost",
    "anatomy-labels-name": "Labels",
    "anatomy-labels": "free words by which others find it",
    "anatomy-container-name": "Container",
    "anatomy-container": "a program, started from an image",
    "anatomy-containers-name": "Containers",
    "anatomy-containers": "programs, each started from its own image, with files of its own",
    # runs of a controller
    "steps-observe": "observe",
    "steps-analyse": "analyse",
    "steps-act": "act",
    "steps-observed": "observed: {0}",
    "steps-analysed": "analysed: {0}",
    "steps-acted": "acted: {0}",
    "steps-run": "{0}, run {1} of {2}",
    "steps-repeated": "{0} (and {1} times in a row)",
    "steps-count": "run {0} of {1}",
    "steps-cause": "cause",
    "steps-nothing": "nothing said",
    "steps-idle": "nothing to do",
    "steps-broke-off": "broke off: {0}",
    "steps-none": "{0}: no run yet",
    "steps-earlier": "… {0} earlier runs",
    "stepper-back": "Step back",
    "stepper-step": "Step",
    "stepper-run": "Run",
    "stepper-pause": "Pause",
    "stepper-runs": "Runs",
    "stepper-region": "Runs of a controller, step by step",
    # buttons of the live picture
    "live-pause": "Pause",
    "live-play": "Resume",
    "live-following": "live",
    "live-paused": "paused",
    "live-words": "In words",
    "live-region": "Live picture of the cluster",
    # time lines
    "life-title": "Life of Pod {0}",
    "life-none": "Pod {0} has not been seen.",
    "life-running-not-ready": "Running (not ready)",
    "life-deleted": "Deleted",
    "life-pod": "Pod",
    "life-how-long": "How long: {0}.",
    "life-how-long-container": "How long, container {0}: {1}.",
    "life-span": "{0} {1}",
    "life-until-now": "{0} since then",
    "life-more": "… {0} more",
    "under-a-second": "<1 s",
    "seconds": "{0} s",
}

_ENGLISH_KINDS: Mapping[str, str] = {
    "Client": "Client",
    "Address": "Addresses",
    "Ingress": "Ingresses",
    "LoadBalancer": "Load balancers",
    "NodePort": "Node ports",
}

CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH}
"""Language code to key to text; `{0}` is the phrase's first argument."""


def say(phrase: Phrase, lang: str = "en") -> str:
    """A phrase in a language; English where the language has no catalogue."""
    return CATALOGUES.get(lang, _ENGLISH)[phrase.key].format(*phrase.args)


def kinds(kind: str, lang: str = "en") -> str:
    """The head over a column of objects of a kind: `Pods`."""
    del lang  # kinds keep their names in every language, as in the Kubernetes documentation
    return _ENGLISH_KINDS.get(kind, f"{kind}s")
