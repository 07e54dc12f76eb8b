"""Pictures of work that ends: who started it, what it started, how it went."""

from __future__ import annotations

from typing import Any

from k8s_tutor.graph.build import build
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.picture import picture


def made(kind: str, name: str, owner: Obj | None = None, *, spec: Any = None, status: Any = None) -> Obj:
    version = "v1" if kind == "Pod" else "batch/v1"
    meta: Obj = {
        "name": name,
        "namespace": "demo",
        "uid": f"{kind}-{name}",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    if owner is not None:
        meta["ownerReferences"] = [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "controller": True,
            }
        ]
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec or {}, "status": status or {}}


def ended(type_: str, message: str = "") -> Obj:
    return {"conditions": [{"type": type_, "status": "True", "message": message}]}


TICK = made("CronJob", "tick", spec={"schedule": "*/5 * * * *", "timeZone": "Europe/Berlin"})
RUN = made("Job", "tick-1", TICK, spec={"completions": 2}, status={"succeeded": 1, "active": 1})
POD = made("Pod", "tick-1-abcde", RUN, status={"phase": "Pending"})
LINES = """\
CronJob tick
  Job tick-1: 1 of 2 done
    Pod tick-1-abcde: pending"""


def twin(*objects: Obj, focus: str = "", lens: str = "default") -> str:
    return picture(build(Snapshot(objects, namespace="demo"), focus, lens)).alt_text.rstrip()


def test_a_cron_job_owns_jobs_which_own_pods() -> None:
    assert twin(TICK, RUN, POD) == twin(TICK, RUN, POD, focus="cronjob/tick", lens="ownership")
    assert twin(TICK, RUN, POD).lower() == LINES.lower()


def test_a_card_tells_the_schedule() -> None:
    assert "*/5 * * * * Europe/Berlin" in picture(build(Snapshot([TICK], namespace="demo"))).svg


def test_how_it_went_is_said() -> None:
    failed = made("Job", "bad", status=ended("Failed", "Job has reached the specified backoff limit"))
    done, held = made("Job", "good", status=ended("Complete")), made("Job", "held", status=ended("Suspended"))
    asleep = made("CronJob", "asleep", spec={"schedule": "@daily", "suspend": True})
    assert twin(failed, done, held, asleep).split("\n") == [
        "CronJob asleep: suspended",
        "Job bad: Failed: Job has reached the specified backoff limit",
        "Job good: Complete",
        "Job held: suspended",
    ]
