"""CronJobs in virtual time: the hours that nobody can wait for on a real cluster. Words were seen there."""

from __future__ import annotations

from typing import Any

from k8s_tutor.clock import EPOCH


def minutes(*numbers: int) -> list[str]:
    return [f"tick-{int(EPOCH) // 60 + number}" for number in numbers]


def test_a_job_a_minute_and_the_old_ones_go(bench: Any) -> None:
    bench.cron_job("tick", successfulJobsHistoryLimit=2)
    bench.run(200)
    assert bench.names("jobs") == minutes(2, 3)
    name = minutes(1)[0]
    assert bench.events("tick")[:2] == [
        ("SuccessfulCreate", f"Created job {name}"),
        ("SawCompletedJob", f"Saw completed job: {name}, condition: Complete"),
    ]
    assert ("SuccessfulDelete", f"Deleted job {name}") in bench.events("tick")
    status = bench.get("cronjobs", "tick")["status"]
    assert (status["lastScheduleTime"], status["lastSuccessfulTime"]) == (
        "2026-01-01T00:03:00Z",
        "2026-01-01T00:03:01Z",
    )
    assert "active" not in status


def test_failed_ones_have_a_limit_of_their_own(bench: Any) -> None:
    bench.cron_job("tick", "exit 1")
    bench.run(61)
    bench.change("cronjobs", "tick", failedJobsHistoryLimit=0, suspend=True)
    bench.ask("PATCH", f"/apis/batch/v1/namespaces/default/jobs/{minutes(1)[0]}",
              {"spec": {"backoffLimit": 0}}, content_type="application/merge-patch+json")  # fmt: skip
    bench.run(30)
    assert bench.names("jobs") == []


def test_what_runs_forbids_the_next(bench: Any) -> None:
    bench.cron_job("tick", "sleep 1000", concurrencyPolicy="Forbid")
    bench.run(190)
    assert bench.names("jobs") == minutes(1)
    words = "Not starting job because prior execution is running and concurrency policy is Forbid"
    assert ("JobAlreadyActive", words) in bench.events("tick")


def test_the_next_replaces_what_runs(bench: Any) -> None:
    bench.cron_job("tick", "sleep 1000", concurrencyPolicy="Replace")
    bench.run(190)
    assert bench.names("jobs") == minutes(3)
    assert [row["name"] for row in bench.get("cronjobs", "tick")["status"]["active"]] == minutes(3)


def test_several_may_run_at_once(bench: Any) -> None:
    bench.cron_job("tick", "sleep 1000")
    bench.run(190)
    assert bench.names("jobs") == minutes(1, 2, 3)


def test_what_was_missed_starts_late_or_not_at_all(bench: Any) -> None:
    bench.cron_job("tick", suspend=True)
    bench.run(210)
    bench.change("cronjobs", "tick", suspend=False)
    bench.run(1)
    assert bench.names("jobs") == minutes(3)  # the latest of those that were missed
    bench.change("cronjobs", "tick", suspend=True)
    bench.run(70)
    bench.change("cronjobs", "tick", suspend=False, startingDeadlineSeconds=5)
    bench.run(1)
    assert bench.names("jobs") == minutes(3)
    bench.run(60)
    assert bench.names("jobs") == minutes(3, 5)


def test_too_many_missed_times_are_said(bench: Any) -> None:
    bench.cron_job("tick", suspend=True)
    bench.run(60 * 105)
    bench.change("cronjobs", "tick", suspend=False)
    bench.run(1)
    words = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
    assert ("TooManyMissedTimes", words) in bench.events("tick")
    assert bench.names("jobs") == minutes(105)


def test_a_new_schedule_counts_from_its_own_first_time(bench: Any) -> None:
    bench.cron_job("tick", schedule="0 0 1 1 *")
    bench.run(150)
    bench.change("cronjobs", "tick", schedule="*/5 * * * *")
    bench.run(30)
    assert bench.names("jobs") == []
    bench.run(120)
    assert bench.names("jobs") == minutes(5)


def test_its_time_zone_is_written_on_the_job(bench: Any) -> None:
    bench.cron_job("tick", schedule="1 1 * * *", timeZone="Europe/Berlin")
    bench.run(70)
    (name,) = bench.names("jobs")
    when = bench.get("jobs", name)["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    assert when == "2026-01-01T01:01:00+01:00"


def test_what_is_never_due_says_so(bench: Any) -> None:
    bench.cron_job("tick", schedule="0 0 31 2 *")
    bench.run(5)
    words = "invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second"
    assert bench.events("tick") == [("InvalidSchedule", words)]


def test_a_job_made_by_hand_is_a_surprise(bench: Any) -> None:
    bench.cron_job("tick", suspend=True)
    cron_job = bench.get("cronjobs", "tick")
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "tick", "uid": cron_job["metadata"]["uid"]}
    meta = {"name": "now", "ownerReferences": [{**owner, "controller": True}]}
    bench.ask("POST", "/apis/batch/v1/namespaces/default/jobs",
              {"metadata": meta, "spec": cron_job["spec"]["jobTemplate"]["spec"]})  # fmt: skip
    bench.run(10)
    assert ("UnexpectedJob", "Saw a job that the controller did not create or forgot: now") in bench.events("tick")
    assert bench.get("cronjobs", "tick")["status"]["lastSuccessfulTime"]


def test_a_deleted_cron_job_takes_its_jobs_and_pods_along(bench: Any) -> None:
    bench.cron_job("tick", "sleep 1000")
    bench.run(65)
    bench.ask("DELETE", "/apis/batch/v1/namespaces/default/cronjobs/tick")
    bench.run(10)
    assert (bench.names("jobs"), bench.pods(minutes(1)[0])) == ([], [])
