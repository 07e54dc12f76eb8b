"""Causes that `explain` knows of Pods whose containers have run."""

from __future__ import annotations

from tests.behaviour.causes import BROKEN, WAITS, Cause
from tests.behaviour.manifests import PODINFO, pod, run

CRASH = (WAITS, "Pod p: status.containerStatuses[0].restartCount")
AGAIN = 3 * ("Pod p: status.containerStatuses[0].*",)  # between two runs it has ended, or waits
NOW = "Pod p: status.containerStatuses[0].state.terminated.exitCode"
NEVER = "restartPolicy: Never"

RUNNING = (
    Cause(
        "crash loop",
        run("echo no database; exit 3"),
        "pod/p",
        "container c ended with exit code 3",
        AGAIN,
    ),
    Cause(
        "ends by itself",
        run("echo done"),
        "pod/p",
        "container c ends by itself, and is started anew",
        AGAIN,
    ),
    Cause("exit code", run("exit 1", spec=NEVER), "pod/p", "container c ended with exit code 1", (NOW,)),
    Cause(
        "no such command",
        run("nonsense", spec=NEVER),
        "pod/p",
        "container c has a command that is not there",
        (NOW, NOW),
    ),
    Cause(
        "no program file",
        run("/etc/passwd", spec=NEVER),
        "pod/p",
        "container c has a command that cannot be run",
        (NOW, NOW),
    ),
    Cause("killed", run("exit 137", spec=NEVER), "pod/p", "container c was killed", (NOW,)),
    Cause("asked to end", run("exit 143", spec=NEVER), "pod/p", "container c was asked to end", (NOW,)),
    Cause(
        "out of memory",
        run("tail /dev/zero", ", resources: {limits: {memory: 16Mi}}", NEVER),
        "pod/p",
        "container c uses more memory than its limit",
        (
            "Pod p: status.containerStatuses[0].state.terminated.reason",
            "Pod p: spec.containers[0].resources.limits.memory",
        ),
    ),
    Cause(
        "forbidden",
        run("echo pods is forbidden: User cannot list; exit 1", spec=NEVER),
        "pod/p",
        "its program may not do what it wants to: ServiceAccount default lacks a right",
        (NOW, NOW),
    ),
    Cause(
        "not ready",
        pod(BROKEN, image=PODINFO),
        "pod/p",
        "its readiness probe fails",
        (
            "Pod p: status.conditions[*].status",
            "Pod p: status.containerStatuses[0].ready",
            "Event Unhealthy: message",
            "Pod p: spec.containers[0].readinessProbe.httpGet.path",
        ),
    ),
    Cause(
        "probe at another port",
        pod(
            ", ports: [{containerPort: 9898}], readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}",
            image=PODINFO,
        ),
        "pod/p",
        "its readiness probe asks at a port that its container does not name",
        (
            "Pod p: status.conditions[*].status",
            "Pod p: status.containerStatuses[0].ready",
            "Event Unhealthy: message",
            "Pod p: spec.containers[0].readinessProbe.httpGet.path",
            "Pod p: spec.containers[0].readinessProbe.httpGet.port",
        ),
    ),
    Cause(
        "liveness",
        pod(
            ", livenessProbe: {httpGet: {path: /status/500, port: 9898}, periodSeconds: 1, failureThreshold: 1}",
            image=PODINFO,
        ),
        "pod/p",
        "its liveness probe fails, so container c is killed",
        (
            *CRASH,
            "Event Killing: message",
            "Event Unhealthy: message",
            "Pod p: spec.containers[0].livenessProbe.httpGet.path",
        ),
    ),
    Cause(
        "readiness gate",
        pod(spec="readinessGates: [{conditionType: example.com/open}]"),
        "pod/p",
        "nobody opens its readiness gate example.com/open",
        ("Pod p: status.conditions[*].status", "Pod p: spec.readinessGates[0].conditionType"),
    ),
    Cause(
        "over time",
        pod(spec="activeDeadlineSeconds: 2"),
        "pod/p",
        "it took longer than it was given",
        ("Pod p: status.reason", "Pod p: status.message", "Pod p: spec.activeDeadlineSeconds"),
    ),
    Cause(
        "well", pod(), "pod/p", "it runs and is ready", ("Pod p: status.phase", "Pod p: status.conditions[*].status")
    ),
    Cause(
        "done",
        run("true", spec=NEVER),
        "pod/p",
        "its containers have done what they had to do",
        ("Pod p: status.phase", NOW),
    ),
)
