"""Jobs in virtual time: what takes too long to be watched on a real cluster; words and numbers were seen there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from k8s_tutor.clock import from_rfc3339

FINALIZER = "batch.kubernetes.io/job-tracking"
INDEXED: dict[str, Any] = {"completionMode": "Indexed"}


def test_failures_are_tried_again_after_ten_twenty_and_forty_seconds(bench: Any) -> None:
    bench.job("again", "exit 1", backoffLimit=3)
    bench.run(90)
    born = [from_rfc3339(pod["metadata"]["creationTimestamp"]) for pod in bench.pods("again")]
    assert [round(later - earlier) for earlier, later in pairwise(born)] == [10, 20, 40]
    assert bench.conditions("again") == [("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]
    assert bench.get("jobs", "again")["status"]["failed"] == 4


def test_pods_that_restart_by_themselves_are_counted_by_their_restarts(bench: Any) -> None:
    bench.job("again", "exit 1", restart="OnFailure", backoffLimit=2)
    bench.run(60)
    assert bench.conditions("again")[-1] == ("Failed", "BackoffLimitExceeded")
    assert [reason for reason, _ in bench.events("again")] == [
        "SuccessfulCreate",
        "SuccessfulDelete",
        "BackoffLimitExceeded",
    ]


def test_no_more_at_once_than_parallelism_and_no_more_than_are_missing(bench: Any) -> None:
    bench.job("five", "sleep 5", completions=5, parallelism=2)
    seen = []
    for _ in range(30):
        bench.run(1)
        seen.append(bench.get("jobs", "five")["status"].get("active", 0))
    assert (max(seen), seen[-1]) == (2, 0)
    assert len(bench.pods("five")) == bench.get("jobs", "five")["status"]["succeeded"] == 5


def test_less_parallelism_takes_pods_away_that_count_nowhere(bench: Any) -> None:
    bench.job("wide", "sleep 1000", completions=4, parallelism=4)
    bench.run(5)
    bench.change("jobs", "wide", parallelism=1)
    bench.run(10)
    status = bench.get("jobs", "wide")["status"]
    assert (status["active"], status.get("failed"), len(bench.pods("wide"))) == (1, None, 1)


def test_a_work_queue_is_done_when_one_succeeded_and_all_have_ended(bench: Any) -> None:
    bench.job("queue", "sleep 2", parallelism=2)
    bench.run(10)
    assert bench.get("jobs", "queue")["status"]["succeeded"] == 2
    assert bench.conditions("queue")[-1] == ("Complete", "CompletionsReached")


def test_enough_is_what_the_success_policy_says(bench: Any) -> None:
    rules = [{"succeededIndexes": "0,2", "succeededCount": 1}]
    policy = {"successPolicy": {"rules": rules}}
    bench.job(
        "enough", "[ $JOB_COMPLETION_INDEX = 2 ] || sleep 1000", completions=3, parallelism=3, **INDEXED, **policy
    )
    bench.run(10)
    assert bench.conditions("enough") == [("SuccessCriteriaMet", "SuccessPolicy"), ("Complete", "SuccessPolicy")]
    status = bench.get("jobs", "enough")["status"]
    assert (status["completedIndexes"], status["succeeded"], status.get("failed")) == ("2", 1, None)
    assert len(bench.pods("enough")) == 1


def test_each_index_has_its_own_limit(bench: Any) -> None:
    command = "[ $JOB_COMPLETION_INDEX = 1 ]"
    bench.job("each", command, completions=3, parallelism=3, backoffLimitPerIndex=1, **INDEXED)
    bench.run(60)
    status = bench.get("jobs", "each")["status"]
    counts = [status[key] for key in ("completedIndexes", "failedIndexes", "succeeded", "failed")]
    assert counts == ["1", "0,2", 1, 4]
    assert bench.conditions("each")[-1] == ("Failed", "FailedIndexes")
    annotation = "batch.kubernetes.io/job-index-failure-count"
    tried = sorted(pod["metadata"]["annotations"][annotation] for pod in bench.pods("each"))
    assert tried == ["0", "0", "0", "1", "1"]


def test_too_many_failed_indexes_end_it_all(bench: Any) -> None:
    limits = {"backoffLimitPerIndex": 0, "maxFailedIndexes": 1}
    bench.job("each", "exit 1", completions=3, parallelism=3, **limits, **INDEXED)
    bench.run(10)
    assert bench.conditions("each")[-1] == ("Failed", "MaxFailedIndexesExceeded")


def test_an_ignored_failure_does_not_count(bench: Any) -> None:
    rule = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [42]}}
    bench.job("odd", "exit 42", backoffLimit=0, podFailurePolicy={"rules": [rule]})
    bench.run(30)
    assert (bench.conditions("odd"), len(bench.pods("odd"))) == ([], 2)
    assert "failed" not in bench.get("jobs", "odd")["status"]


def test_a_deleted_pod_has_failed_at_once_or_when_it_has_ended(bench: Any) -> None:
    bench.job("soon", "sleep 1000")
    bench.job("late", "sleep 1000", podReplacementPolicy="Failed")
    bench.run(5)
    for name in ("soon", "late"):
        (pod,) = bench.pods(name)
        path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}"
        bench.ask("DELETE", path, {"gracePeriodSeconds": 20})
    seen = []
    for seconds in (3, 9, 12, 10):  # until 3, 12, 24 and 34 seconds after: it takes 20 to end, and 10 to try again
        bench.run(seconds)
        status = [bench.get("jobs", name)["status"] for name in ("soon", "late")]
        seen.append([(row.get("failed", 0), row.get("active", 0)) for row in status])
    assert seen == [[(1, 0), (0, 0)], [(1, 1), (0, 0)], [(1, 1), (1, 0)], [(1, 1), (1, 1)]]


def test_refused_pods_are_asked_for_again_after_one_two_and_four_seconds(bench: Any) -> None:
    quota = {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    bench.ask("POST", "/api/v1/namespaces/default/resourcequotas", quota)
    bench.run(2)
    bench.job("poor", "true")
    bench.run(10)
    assert [reason for reason, _ in bench.events("poor")] == ["FailedCreate"] * 4
    status = bench.get("jobs", "poor")["status"]
    assert (status.get("active", 0), bool(status["startTime"])) == (0, True)


def test_a_namespace_goes_though_a_job_in_it_wants_another_pod(bench: Any) -> None:
    bench.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "doomed"}})
    bench.run(1)
    container = {"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", "trap 'exit 0' TERM; sleep 99 & wait"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {"metadata": {"name": "j"}, "spec": {"completions": 3, "parallelism": 2, "template": template}}
    bench.ask("POST", "/apis/batch/v1/namespaces/doomed/jobs", body)
    bench.run(10)
    bench.ask("DELETE", "/api/v1/namespaces/doomed")
    bench.run(60)
    left = [row["metadata"]["name"] for row in bench.ask("GET", "/api/v1/namespaces")["items"]]
    assert "doomed" not in left


def test_pods_that_have_ended_are_counted_though_no_more_may_be_made(bench: Any) -> None:
    bench.job("j", "sleep 20", completions=3, parallelism=1)
    bench.run(10)
    quota = {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    bench.ask("POST", "/api/v1/namespaces/default/resourcequotas", quota)
    bench.run(30)
    (pod,) = bench.pods("j")
    assert ("finalizers" in pod["metadata"], bench.get("jobs", "j")["status"]["succeeded"]) == (False, 1)
    assert "active" not in bench.get("jobs", "j")["status"]


def test_finished_jobs_go_when_their_time_is_over(bench: Any) -> None:
    bench.job("brief", "true", ttlSecondsAfterFinished=30)
    bench.run(20)
    assert bench.names("jobs") == ["brief"]
    bench.run(20)
    assert (bench.names("jobs"), bench.pods("brief")) == ([], [])


def test_a_job_of_somebody_else_is_left_alone(bench: Any) -> None:
    bench.job("theirs", "true", managedBy="example.com/jobs")
    bench.run(5)
    assert (bench.pods("theirs"), bench.get("jobs", "theirs")["status"]) == ([], {})


def test_a_stray_pod_is_taken_in_and_held(bench: Any) -> None:
    labels = {"mine": "yes"}
    stray = {"metadata": {"name": "stray", "labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    bench.ask("POST", "/api/v1/namespaces/default/pods", stray)
    body = {"containers": [{"name": "c", "image": "nginx"}], "restartPolicy": "Never"}
    spec = {"manualSelector": True, "selector": {"matchLabels": labels}}
    spec |= {"template": {"metadata": {"labels": labels}, "spec": body}}
    bench.ask("POST", "/apis/batch/v1/namespaces/default/jobs", {"metadata": {"name": "takes"}, "spec": spec})
    bench.run(3)
    (pod,) = bench.ask("GET", "/api/v1/namespaces/default/pods")["items"]
    assert (pod["metadata"]["ownerReferences"][0]["name"], pod["metadata"]["finalizers"]) == ("takes", [FINALIZER])


def test_every_look_says_why(bench: Any) -> None:
    bench.job("once", "true")
    bench.run(5)
    runs = [run for run in bench.cluster.controllers.runs if run.controller == "job-controller"]
    words = [str(word) for run in runs for word in run.analysis]
    assert "1 active wanted, 0 there: create 1." in words
    assert "Reached expected number of succeeded pods: SuccessCriteriaMet." in words
