"""Three pieces of work, and the kind that promises each of them."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.exercises import (
    Check,
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    Wording,
    exists,
    failed,
    inspect,
    keep,
    msg,
    parse_schedule,
    see,
)

__all__ = ["EXERCISE"]

_LOOKOUT, _REPORT, _BROOM = "daemonset/lookout", "job/report", "cronjob/broom"
_HOUR = 3


def _is_no_other_kind(ref: str, wrong: Sequence[tuple[str, Wording, Wording]]) -> Check:
    """An object of this name and of another kind draws its own answer."""
    name = ref.partition("/")[2]

    def look(state: State) -> Seen | Verdict:
        if state.find(ref) is None:
            for kind, says, hint in wrong:
                if state.find(f"{kind}/{name}") is not None:
                    return failed(says, hint=hint)
        return see()

    return look


def _owned(state: State, kind: str, owner: Obj) -> list[Obj]:
    uid = owner["metadata"]["uid"]
    return [
        one
        for one in state.list(kind)
        if any(row.get("uid") == uid for row in one["metadata"].get("ownerReferences") or ())
    ]


def _is_on_each_node(state: State, lookout: Obj) -> Seen | Verdict:
    spec, status = lookout["spec"]["template"]["spec"], lookout.get("status") or {}
    chosen = {key: value for key, value in (spec.get("nodeSelector") or {}).items() if key != "kubernetes.io/os"}
    if chosen or (spec.get("affinity") or {}).get("nodeAffinity"):
        return failed(
            msg("`lookout` goes to some nodes only."),
            msg("`nodeSelector` or `nodeAffinity` stands in its template"),
            hint=msg("A DaemonSet goes to each node by itself. What in its template holds it back?"),
        )
    for pod in _owned(state, "pods", lookout):
        rows = (pod.get("status") or {}).get("containerStatuses") or ()
        if any(row.get("restartCount") or "terminated" in (row.get("state") or {}) for row in rows):
            return failed(
                msg("the Pods of `lookout` do not stay: their program ends, and is started anew."),
                msg("pod/{name} ended at least once", name=pod["metadata"]["name"]),
                hint=msg("A lookout that ends looks out no more. Which program goes on running?"),
            )
    wanted, ready, newest = (
        status.get(key, 0) for key in ("desiredNumberScheduled", "numberReady", "updatedNumberScheduled")
    )
    seen = status.get("observedGeneration", 0) >= lookout["metadata"].get("generation", 0)
    if seen and wanted and wanted == ready == newest:
        return see(msg("nodes that `lookout` is meant for: {wanted}, with a ready Pod: {ready}", wanted=wanted, ready=ready))
    return failed(
        msg("`lookout` is not ready on each node."),
        msg("nodes that `lookout` is meant for: {wanted}, with a ready Pod: {ready}", wanted=wanted, ready=ready),
        hint=msg('`t.explain("daemonset/lookout")` shows what is in the way.'),
        settling=True,
    )


def _holds(obj: Obj, type_: str) -> bool:
    rows = (obj.get("status") or {}).get("conditions") or ()
    return any(row.get("type") == type_ and row.get("status") == "True" for row in rows)


def _says(state: State, job: Obj, word: str) -> bool:
    """Whether a Pod of the Job that came to a good end has printed the word."""
    done = [pod for pod in _owned(state, "pods", job) if (pod.get("status") or {}).get("phase") == "Succeeded"]
    return any(word in state.log(pod["metadata"]["name"]) for pod in done[:2])


def _is_written(state: State, report: Obj) -> Seen | Verdict:
    status = report.get("status") or {}
    if _holds(report, "Complete"):
        if _says(state, report, "sold"):
            return see(msg("job/report is Complete, Pods that succeeded: {count}", count=status.get("succeeded", 0)))
        return failed(
            msg("`report` is Complete, and its log does not say `42 sold`."),
            hint=msg("Did its Pod have a `command`? A Job cannot be changed: delete it, and make it anew."),
        )
    if status.get("failed") or _holds(report, "Failed"):
        return failed(
            msg("the Pods of `report` fail, so the Job is not done."),
            msg("Pods that failed: {failed}, that succeeded: {succeeded}", failed=status.get("failed", 0),
                succeeded=status.get("succeeded", 0)),
            hint=msg("Only exit code 0 is a success. What is its command, and what does `kubectl logs job/report` say?"),
        )  # fmt: skip
    return failed(msg("`report` is not done yet."), hint=msg('See `t.graph("job/report")`.'), settling=True)


def _is_each_night(_state: State, broom: Obj) -> Seen | Verdict:
    schedule = str(broom["spec"]["schedule"])
    fact = msg("its schedule: `{schedule}`", schedule=schedule)
    try:
        minutes, hours, days, months, weekdays = (field.chosen for field in parse_schedule(schedule).fields)
    except ValueError:  # it cannot be read, or is no set of times: `@every 24h`
        return failed(
            msg("`broom` does not sweep each night at three."), fact,
            hint=msg("Five fields: minute, hour, day of the month, month, day of the week."),
        )  # fmt: skip
    if len(days) < 31 or len(months) < 12 or len(weekdays) < 7:
        return failed(
            msg("there are nights on which `broom` does not sweep."), fact,
            hint=msg("The last three fields choose days. What stands for every day?"),
        )  # fmt: skip
    if (count := len(minutes) * len(hours)) > 1:
        return failed(
            msg("`broom` sweeps {count} times a day, not once.", count=count), fact,
            hint=msg("A star stands for every one: in the first field for every minute."),
        )  # fmt: skip
    at = f"{min(hours)}:{min(minutes):02}"
    if (hours, minutes) != ({_HOUR}, {0}):
        return failed(
            msg("`broom` sweeps once a day, and that at {at}.", at=at), fact,
            hint=msg("The minute comes first, then the hour."),
        )  # fmt: skip
    if broom["spec"].get("suspend"):
        return failed(
            msg("`broom` is suspended: it sweeps never."), fact,
            hint=msg("`spec.suspend` stops a CronJob until it is taken away."),
        )  # fmt: skip
    return see(msg("cronjob/broom runs at {at}, once a day", at=at))


def _was_tried(state: State, broom: Obj) -> Seen | Verdict:
    jobs = _owned(state, "jobs", broom)
    done = [job for job in jobs if _holds(job, "Complete")]
    for job in done[-2:]:
        if _says(state, job, "swept"):
            return see(msg("job/{name}, made from it, is Complete", name=job["metadata"]["name"]))
    if done:
        return failed(
            msg("`broom` was tried, and the log does not say `swept`."),
            hint=msg("What the Job runs stands in `spec.jobTemplate`. Mend it there, and try once more."),
        )
    if any((job.get("status") or {}).get("failed") for job in jobs):
        return failed(
            msg("`broom` was tried, and its Pod failed."),
            hint=msg("Better now than at three in the morning. What does the log of that Job say?"),
        )
    if jobs:
        return failed(msg("`broom` is being tried."), hint=msg("Check again."), settling=True)
    return failed(
        msg("nobody has tried `broom` yet."),
        hint=msg("At three you will be asleep. `kubectl create job` can make a Job from a CronJob."),
    )


_SOLVE_LOOKOUT = '''t.apply("""
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: lookout}
spec:
  selector: {matchLabels: {app: lookout}}
  template: {metadata: {labels: {app: lookout}}, spec: {containers: [
    {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}}
""")
'''
_SOLVE_REPORT = 't.kubectl("create job report --image=busybox:1.35 -- echo 42 sold")\n'
_SOLVE_BROOM = """t.kubectl("create cronjob broom --image=busybox:1.35 --schedule='0 3 * * *' -- echo swept")
"""
_TRY_BROOM = 't.kubectl("create job broom-now --from=cronjob/broom")\n'
_SEE = 't.wait("job/report", "Complete")\nt.wait("job/broom-now", "Complete")'

EXERCISE = Exercise(
    id="deployments-6",
    title=msg("Three promises"),
    task=msg(
        "Three pieces of work; choose the kind for each. `lookout` watches on every node that takes ordinary Pods "
        "(podinfo will do, it goes on running). `report` prints `42 sold` once and is done. `broom` prints `swept` each "
        "night at three; try it by hand, so that you need not stay up. (`busybox:1.35` has `echo`.)"
    ),
    checks=(
        _is_no_other_kind(
            _LOOKOUT,
            (
                (
                    "deployment",
                    msg("`lookout` is a Deployment: it keeps a number, on whichever nodes."),
                    msg("With one node more, would it have one Pod more? Which kind has no number at all?"),
                ),
            ),
        ),
        exists(_LOOKOUT),
        keep(inspect(_LOOKOUT, _is_on_each_node), seconds=3),
        _is_no_other_kind(
            _REPORT,
            (
                (
                    "deployment",
                    msg("`report` is a Deployment: its program has to run for ever, and each end is an accident."),
                    msg("Its Pod is started again and again. Which kind is content when a Pod ends well?"),
                ),
                (
                    "cronjob",
                    msg("`report` is a CronJob: it would be written again and again."),
                    msg("It is to be written once. What is it that a CronJob makes?"),
                ),
            ),
        ),
        exists(_REPORT),
        inspect(_REPORT, _is_written),
        _is_no_other_kind(
            _BROOM,
            (
                (
                    "job",
                    msg("`broom` is a Job: it sweeps once, and tomorrow nobody does."),
                    msg("Which kind makes a Job each night?"),
                ),
                (
                    "deployment",
                    msg("`broom` is a Deployment, and that knows no time of day."),
                    msg("Which kind has a schedule?"),
                ),
            ),
        ),
        exists(_BROOM),
        inspect(_BROOM, _is_each_night),
        inspect(_BROOM, _was_tried),
    ),
    solved=msg("one on each node, one done, one for each night."),
    hints=(
        msg("Ask of each piece: does it ever end? And if it does, does it come again?"),
        msg("`kubectl create` can make a Job and a CronJob; for a DaemonSet write a manifest, like that of `guard`."),
        msg("A DaemonSet, a Job, a CronJob with `0 3 * * *`; then `kubectl create job broom-now --from=cronjob/broom`"),
    ),
    looks_at=("pods",),
    solution=_SOLVE_LOOKOUT + _SOLVE_REPORT + _SOLVE_BROOM + _TRY_BROOM + _SEE,
    alternative='''t.apply("""
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: lookout}
spec:
  selector: {matchLabels: {app: lookout}}
  template:
    metadata: {labels: {app: lookout}}
    spec:
      tolerations: [{operator: Exists}]
      terminationGracePeriodSeconds: 1
      containers: [{name: eye, image: "busybox:1.35", command: [sleep, infinity]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: report}
spec:
  template:
    spec:
      restartPolicy: OnFailure
      containers: [{name: pen, image: "busybox:1.35", command: [sh, -c, "echo 42 sold"]}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: broom}
spec:
  schedule: "00 03 * * 0-6"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: app, image: "busybox:1.35", command: [echo, swept]}]
""")
'''
    + _TRY_BROOM
    + _SEE,
    mistakes=(
        Mistake(
            name="two replicas for two nodes",
            cell='t.kubectl("create deployment lookout --image=ghcr.io/stefanprodan/podinfo:6.9.2 --replicas=2")',
            says="it keeps a number",
        ),
        Mistake(
            name="a lookout that ends",
            cell=_SOLVE_LOOKOUT.replace(
                '"ghcr.io/stefanprodan/podinfo:6.9.2"', '"busybox:1.35", command: [echo, nothing]'
            )
            + """t.wait("daemonset/lookout", lambda one: one.get("status", {}).get("currentNumberScheduled"))
names = [pod["metadata"]["name"] for pod in t.objects("pods", "app=lookout")]
t.wait(f"pod/{names[0]}", "CrashLoopBackOff")""",
            says="do not stay",
        ),
        Mistake(
            name="a Deployment for the report",
            cell=_SOLVE_LOOKOUT + 't.kubectl("create deployment report --image=busybox:1.35 -- echo 42 sold")',
            says="each end is an accident",
        ),
        Mistake(
            name="a report that fails",
            cell=_SOLVE_LOOKOUT
            + """t.kubectl("create job report --image=busybox:1.35 -- cat /sales")
t.wait("job/report", lambda job: job.get("status", {}).get("failed"))""",
            says="the Pods of `report` fail",
        ),
        Mistake(
            name="a Job for each night",
            cell=_SOLVE_LOOKOUT
            + _SOLVE_REPORT
            + 't.kubectl("create job broom --image=busybox:1.35 -- echo swept")\nt.wait("job/report", "Complete")',
            says="tomorrow nobody does",
        ),
        Mistake(
            name="every minute from three to four",
            cell=_SOLVE_LOOKOUT + _SOLVE_REPORT + _SOLVE_BROOM.replace("0 3", "* 3") + 't.wait("job/report", "Complete")',
            says="60 times a day",
        ),
        Mistake(
            name="never tried",
            cell=_SOLVE_LOOKOUT + _SOLVE_REPORT + _SOLVE_BROOM + 't.wait("job/report", "Complete")',
            says="nobody has tried",
        ),
    ),
    objects=(
        _LOOKOUT,
        _REPORT,
        _BROOM,
        "deployment/lookout",
        "deployment/report",
        "cronjob/report",
        "job/broom",
        "deployment/broom",
        "job/broom-now",
    ),
)
