"""Roads beside the planted mistakes: what fulfils a task's words passes, and nothing else does. On both clusters."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.course.catalog import find_exercise
from k8s_tutor.exercises import Exercise, Outcome, Verdict

if TYPE_CHECKING:
    from k8s_tutor.session import Session

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
BOOKS = "apiVersion: v1, kind: Service, metadata: {name: books}"
OVEN = "apiVersion: v1, kind: Pod, metadata: {name: oven}"
SHOP = "apiVersion: v1, kind: Pod, metadata: {name: shop}"
PAIR = "apiVersion: v1, kind: Pod, metadata: {name: pair}"
PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"


def _pair(command: str) -> str:
    return (
        f't.apply(\'{{{PAIR}, spec: {{containers: [{{name: web, image: "nginx:1.22"}}, '
        f'{{name: reader, image: "busybox:1.35", command: [sh, -c, "{command}"]}}]}}}}\')'
    )


def _oven(command: str, policy: str = "Always") -> str:
    return (
        f"t.delete('pod/oven')\nt.apply('{{{OVEN}, spec: {{restartPolicy: {policy}, containers: [{{name: heat, "
        f'image: "busybox:1.35", command: [sh, -c, "{command}"]}}]}}}}\')'
    )


def _shop(probe: str) -> str:
    return (
        f"t.apply('{{{SHOP}, spec: {{containers: [{{name: app, image: \"{PODINFO}\", readinessProbe: {probe}}}]}}}}')"
    )


HANDWRITTEN = f"""
t.wait("deploy/books", "Available")
t.apply("{{{BOOKS}, spec: {{ports: [{{port: 80, targetPort: 9898}}]}}}}")
t.apply({{
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
    "metadata": {{"name": "books-1", "labels": {{"kubernetes.io/service-name": "books"}}}},
    "ports": [{{"name": "", "port": 9898, "protocol": "TCP"}}],
    "endpoints": [{{"addresses": [pod["status"]["podIP"]]}} for pod in t.objects("pods", "app=books")],
}})
"""
ALIAS = f"""
t.apply("{{apiVersion: v1, kind: Service, metadata: {{name: library}}, \
spec: {{selector: {{app: books}}, ports: [{{port: 80, targetPort: 9898}}]}}}}")
t.apply("{{{BOOKS}, spec: {{type: ExternalName, externalName: library.lesson-services.svc.cluster.local}}}}")
"""
HEADLESS = f"""t.apply("{{{BOOKS}, spec: {{clusterIP: None, selector: {{app: books}}, \
ports: [{{port: 80, targetPort: 9898}}]}}}}")"""
FIVE = 't.kubectl("scale deployment {name} --replicas=5")\n'

ROADS = {
    "headless, and the port is not translated": (
        "services-1",
        HEADLESS,
        FAILED,
        "leads to port 80 of the pods: 0 of 2 answered",
    ),
    "endpoints written by hand": ("services-1", HANDWRITTEN, PASSED, "2 of 2 pods answered"),
    "a second name for a Service that answers": ("services-1", ALIAS, PASSED, "2 of 2 pods answered"),
    "a name for a host elsewhere": (
        "services-1",
        f't.apply("{{{BOOKS}, spec: {{type: ExternalName, externalName: example.com}}}}")',
        FAILED,
        "leads to the host `example.com`",
    ),
    "five bakers": (
        "services-4",
        f"{FIVE.format(name='bakery')}{find_exercise('services-4').solution}",
        PASSED,
        "5 of 5 pods ready",
    ),
    "five shops, though the Deployment was not to be touched": (
        "services-3",
        f"{FIVE.format(name='shop')}{find_exercise('services-3').solution}",
        FAILED,
        "Deployment `shop` is not as it was",
    ),
    "a crash loop in its good second": ("pods-5", _oven("echo warm; sleep 1"), FAILED, "its program ended"),
    "a crash loop whose program ends badly": ("pods-5", _oven("echo warm; sleep 3; exit 3"), FAILED, "pod/oven"),
    "an oven that ends after a while": ("pods-5", _oven("echo warm; sleep 4", "Never"), FAILED, "its program ended"),
    "a silent oven": ("pods-5", _oven("sleep 3600"), FAILED, "does not print what it should"),
    "a probe by a command": (
        "pods-4",
        _shop('{exec: {command: [sh, -c, "wget -qO- http://localhost:9898/readyz"]}}'),
        PASSED,
        "its command: sh -c wget",
    ),
    "a probe by a command that asks something else": (
        "pods-4",
        _shop('{exec: {command: ["true"]}}'),
        FAILED,
        "does not ask for `/readyz`",
    ),
    "a probe that knocks only": ("pods-4", _shop("{tcpSocket: {port: 9898}}"), FAILED, "it asks by tcpSocket"),
    "a reader that reads once": (
        "pods-3",
        _pair("sleep 1; wget -qO- localhost; sleep 3600"),
        FAILED,
        "printed it once, and does not go on",
    ),
    "a reader that is started again and again": (
        "pods-3",
        _pair("wget -qO- localhost"),
        FAILED,
        "pod/pair",
    ),
}
CASES = [
    pytest.param(find_exercise(name), cell, outcome, says, id=road.replace(" ", "_"))
    for road, (name, cell, outcome, says) in ROADS.items()
]


@pytest.fixture(autouse=True)
def _tidy(t: Session, begun: set[str], exercise: Exercise) -> None:
    begun.add(exercise.lesson)
    t.lesson(exercise.lesson)


@pytest.mark.parametrize(("exercise", "cell", "outcome", "says"), CASES)
def test_a_road_leads_where_the_task_says(
    t: Session, exercise: Exercise, cell: str, outcome: Outcome, says: str
) -> None:
    t.exercise(exercise.id)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(cell, "cell", "exec"), {"t": t})
    verdict = t.check(exercise.id)
    assert verdict.outcome is outcome, verdict
    assert says in str(verdict)


@pytest.mark.parametrize("exercise", [find_exercise("pods-3")], ids=["pods-3"])
def test_the_first_failed_check_does_not_say_the_answer(t: Session, exercise: Exercise) -> None:
    t.exercise(exercise.id)
    exec(compile(exercise.mistakes[-1].cell, "cell", "exec"), {"t": t})
    said = str(t.check(exercise.id))
    assert "while true" not in said
    assert "wget" not in said
    assert "Both containers are there" in t.hint(exercise.id)


@pytest.mark.parametrize("exercise", [find_exercise("services-4")], ids=["services-4"])
def test_what_was_untouched_is_so_for_another_session_too(t: Session, exercise: Exercise) -> None:
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy

    t.exercise(exercise.id)
    other = Session(t.cluster)
    assert re.search("not attempted", str(_check_elsewhere(other, t.namespace, exercise)))
    t.kubectl("scale deployment bakery --replicas=3")
    assert _check_elsewhere(other, t.namespace, exercise).outcome is FAILED


def _check_elsewhere(other: Session, namespace: str, exercise: Exercise) -> Verdict:
    return other._exercises.check(exercise.id, namespace, {})
