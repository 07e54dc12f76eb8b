"""Jobs and CronJobs: work that ends, on both clusters in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.clock import from_rfc3339

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

FINALIZER = "batch.kubernetes.io/job-tracking"
INDEX = "batch.kubernetes.io/job-completion-index"


def job(name: str, command: str, **spec: object) -> str:
    fields = "".join(f"  {key}: {value}\n" for key, value in spec.items())
    return f"""
---
apiVersion: batch/v1
kind: Job
metadata: {{name: {name}}}
spec:
{fields}  template: {template(command)}
"""


def template(command: str) -> str:
    container = f"{{name: c, image: 'busybox:1.35', command: [sh, -c, '{command}']}}"
    return f"{{spec: {{restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{container}]}}}}"


def is_so(type_: str, status: str = "True") -> object:
    return lambda obj: any(row["type"] == type_ and row["status"] == status for row in conditions(obj))


def conditions(obj: Obj) -> list[Obj]:
    rows: list[Obj] = obj.get("status", {}).get("conditions") or []
    return rows


def reasons(obj: Obj) -> list[tuple[str, str, str]]:
    return [(row["type"], row["reason"], row["message"]) for row in conditions(obj)]


def pods(env: Environment, name: str) -> list[Obj]:
    return sorted(env.client.list("pods", env.namespace, labels=f"job-name={name}"), key=lambda pod: str(index(pod)))


def index(pod: Obj) -> str | None:
    found: str | None = pod["metadata"].get("annotations", {}).get(INDEX)
    return found


def said(env: Environment, kind: str, name: str) -> list[tuple[str, str]]:
    return [(event["reason"], event["message"]) for event in env.events(kind, name)]


def test_a_job_that_is_done(env: Environment) -> None:
    once, _ = env.apply(job("once", "echo hi") + job("all", "echo $JOB_COMPLETION_INDEX", completions=2, parallelism=2,
                                                     completionMode="Indexed"))  # fmt: skip
    done = env.wait("jobs", "once", is_so("Complete"))  # type: ignore[arg-type]
    reason, message = "CompletionsReached", "Reached expected number of succeeded pods"
    assert reasons(done) == [("SuccessCriteriaMet", reason, message), ("Complete", reason, message)]
    assert done["status"]["completionTime"] == conditions(done)[1]["lastTransitionTime"]
    counts = {key: value for key, value in done["status"].items() if key != "conditions" and not key.endswith("Time")}
    assert counts == {"ready": 0, "succeeded": 1, "terminating": 0, "uncountedTerminatedPods": {}}
    (pod,) = pods(env, "once")
    meta = pod["metadata"]
    assert (meta["generateName"], meta.get("finalizers")) == ("once-", None)
    assert meta["ownerReferences"][0]["uid"] == once["metadata"]["uid"] == meta["labels"]["controller-uid"]
    noted = [state["status"].get("uncountedTerminatedPods", {}) for state in env.states("jobs", "once")]
    assert [row["succeeded"] for row in noted if row] == [[meta["uid"]]]  # counted once, and held until then
    assert FINALIZER in env.states("pods", meta["name"])[0]["metadata"]["finalizers"]
    env.wait_event("jobs", "once", "Completed")
    assert said(env, "jobs", "once") == [
        ("SuccessfulCreate", f"Created pod: {meta['name']}"),
        ("Completed", "Job completed"),
    ]
    done = env.wait("jobs", "all", is_so("Complete"))  # type: ignore[arg-type]
    assert (done["status"]["completedIndexes"], done["status"]["succeeded"]) == ("0,1", 2)
    parts = pods(env, "all")
    assert [(pod["metadata"]["labels"][INDEX], pod["spec"]["hostname"]) for pod in parts] == [
        ("0", "all-0"),
        ("1", "all-1"),
    ]
    assert [env.client.logs(pod["metadata"]["name"], env.namespace) for pod in parts] == ["0\n", "1\n"]


def test_jobs_that_fail(env: Environment) -> None:
    policy = "{rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}"
    env.apply(
        job("limit", "exit 1", backoffLimit=0)
        + job("policy", "exit 42", podFailurePolicy=policy)
        + job("late", "sleep 1000", activeDeadlineSeconds=1)
        + job("indexes", "exit 1", completionMode="Indexed", completions=1, backoffLimitPerIndex=0)
    )
    failed = {name: env.wait("jobs", name, is_so("Failed")) for name in ("limit", "policy", "late", "indexes")}  # type: ignore[arg-type]
    name = pods(env, "policy")[0]["metadata"]["name"]
    words = f"Container c for pod {env.namespace}/{name} failed with exit code 42 matching FailJob rule at index 0"
    why = {
        "limit": ("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        "policy": ("PodFailurePolicy", words),
        "late": ("DeadlineExceeded", "Job was active longer than specified deadline"),
        "indexes": ("FailedIndexes", "Job has failed indexes"),
    }
    for one, (reason, message) in why.items():
        assert reasons(failed[one]) == [("FailureTarget", reason, message), ("Failed", reason, message)]
        assert failed[one]["status"]["failed"] == 1
        assert env.wait_event("jobs", one, reason)["type"] == "Warning"
    assert pods(env, "late") == []
    assert failed["indexes"]["status"]["failedIndexes"] == "0"


def test_a_suspended_job_has_no_pods_and_no_time(env: Environment) -> None:
    env.apply(job("wait", "sleep 1000", suspend="true"))
    held = env.wait("jobs", "wait", is_so("Suspended"))  # type: ignore[arg-type]
    assert (pods(env, "wait"), held["status"].get("startTime")) == ([], None)
    assert reasons(held) == [("Suspended", "JobSuspended", "Job suspended")]
    env.client.patch("jobs", "wait", {"spec": {"suspend": False}}, env.namespace)
    on = env.wait("jobs", "wait", lambda obj: obj["status"].get("active") == 1)
    assert (reasons(on), bool(on["status"]["startTime"])) == ([("Suspended", "JobResumed", "Job resumed")], True)
    env.client.patch("jobs", "wait", {"spec": {"suspend": True}}, env.namespace)
    held = env.wait("jobs", "wait", is_so("Suspended"))  # type: ignore[arg-type]
    assert (held["status"].get("active"), held["status"].get("startTime")) == (None, None)
    (pod,) = pods(env, "wait") or [None]
    assert pod is None or "deletionTimestamp" in pod["metadata"]
    env.wait_event("jobs", "wait", "SuccessfulDelete")
    env.wait_event("jobs", "wait", "Resumed")


def test_a_job_goes_by_itself_with_its_pods(env: Environment) -> None:
    env.apply(job("brief", "true", ttlSecondsAfterFinished=0))
    env.wait("jobs", "brief", lambda _: True)
    env.wait_gone("jobs", "brief")
    assert pods(env, "brief") == []


def test_deleted_jobs_leave_free_pods_behind_or_none(env: Environment) -> None:
    env.apply(job("kept", "sleep 1000") + job("gone", "sleep 1000"))
    for name in ("kept", "gone"):
        env.wait("jobs", name, lambda obj: obj["status"].get("active") == 1)
    (kept,), (gone,) = pods(env, "kept"), pods(env, "gone")
    env.delete("jobs", "kept")  # the default, for Jobs alone
    env.delete("jobs", "gone", propagation="Background")
    env.wait("pods", kept["metadata"]["name"], lambda pod: "ownerReferences" not in pod["metadata"])
    free = env.wait("pods", kept["metadata"]["name"], lambda pod: "finalizers" not in pod["metadata"])
    assert "deletionTimestamp" not in free["metadata"]
    env.wait_gone("pods", gone["metadata"]["name"])


def test_a_cron_job_starts_jobs(env: Environment) -> None:
    (cron_job,) = env.apply(
        f"""
apiVersion: batch/v1
kind: CronJob
metadata: {{name: often}}
spec:
  schedule: "@every 2s"
  jobTemplate: {{metadata: {{labels: {{a: b}}}}, spec: {{template: {template("sleep 1000")}}}}}
"""
    )
    status = env.wait("cronjobs", "often", lambda obj: "active" in obj.get("status", {}))["status"]
    reference = status["active"][0]
    env.client.patch("cronjobs", "often", {"spec": {"suspend": True}}, env.namespace)
    made = env.get("jobs", reference["name"])
    when = from_rfc3339(made["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"])
    assert (reference["uid"], from_rfc3339(status["lastScheduleTime"])) == (made["metadata"]["uid"], when)
    assert reference["name"] == f"often-{int(when) // 60}"
    assert made["metadata"]["ownerReferences"][0]["uid"] == cron_job["metadata"]["uid"]
    assert made["metadata"]["labels"] == {"a": "b"}
    assert env.wait_event("cronjobs", "often", "SuccessfulCreate")["message"] == f"Created job {reference['name']}"
    env.delete("jobs", reference["name"], propagation="Background")
    env.wait("cronjobs", "often", lambda obj: "active" not in obj["status"])
    missing = env.wait_event("cronjobs", "often", "MissingJob")["message"]
    assert missing == f"Active job went missing: {reference['name']}"
