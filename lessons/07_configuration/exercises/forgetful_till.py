"""A database that gets a disk of its own, and shows that it remembers."""

from __future__ import annotations

import re

from k8s_tutor.exercises import (
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
    is_not_broken,
    is_ready,
    msg,
    see,
    uses_image,
)

__all__ = ["EXERCISE"]

IMAGE = "redis:7"

_START = """
apiVersion: v1
kind: Pod
metadata: {name: till}
spec:
  containers:
  - {name: redis, image: "redis:7"}
"""


def _claimed(pod: Obj) -> dict[str, str]:
    """Claims of the pod's volumes, by the volume's name."""
    rows = pod["spec"].get("volumes") or ()
    return {row["name"]: row["persistentVolumeClaim"]["claimName"] for row in rows if "persistentVolumeClaim" in row}


def _writes_to(container: Obj, path: str) -> bool:
    """Whether redis keeps its files there: in `--dir`, else in /data; where a file of options says is not seen."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    if any(word.endswith(".conf") for word in words):
        return True
    directory = words[words.index("--dir") + 1] if "--dir" in words[:-1] else "/data"
    return path.rstrip("/") == directory.rstrip("/")


def _keeps_its_files_on_a_claim(state: State, pod: Obj) -> Seen | Verdict:
    claimed = _claimed(pod)
    if not claimed:
        kinds = ", ".join(key for row in pod["spec"].get("volumes") or () for key in row if key != "name")
        return failed(
            msg("pod/till uses no claim."),
            msg("its volumes: {kinds}", kinds=kinds.replace("projected", "").strip(", ") or "none"),
            hint=msg("What lives longer than a pod?"),
        )
    if "till" not in claimed.values():
        name = next(iter(claimed.values()))
        return failed(msg("pod/till uses claim `{name}`; the task asks for `till`.", name=name))
    if state.find("persistentvolumeclaim/till") is None:
        return failed(
            msg("pod/till waits for a claim that is not there: `till`."),
            hint=msg("A pod only names its claim. The claim is an object of its own."),
        )
    for container in pod["spec"]["containers"]:
        for mount in container.get("volumeMounts") or ():
            if claimed.get(mount["name"]) == "till" and _writes_to(container, mount["mountPath"]):
                return see(msg("claim `till` is mounted at {path}", path=mount["mountPath"]))
    paths = [
        mount["mountPath"]
        for container in pod["spec"]["containers"]
        for mount in container.get("volumeMounts") or ()
        if mount["name"] in claimed
    ]
    return failed(
        msg("the disk is there, and redis writes beside it."),
        msg("the claim is mounted at: {paths}", paths=", ".join(paths) or "no place"),
        hint=msg("In which folder did you see `dump.rdb`?"),
    )


def _found_something(state: State, pod: Obj) -> Seen | Verdict:
    log = state.log("till", pod["spec"]["containers"][0]["name"])
    found = re.findall(r"keys loaded: (\d+)", log)
    if any(int(count) for count in found) or "DB loaded from append only file" in log:
        return see(msg("when it started, it found keys: {count}", count=max(map(int, found), default=0) or "some"))
    return failed(
        msg("this till has started with nothing to remember."),
        msg("its log says nothing of keys that were loaded"),
        hint=msg("Tell it a number, delete the pod, apply it again: what does it find?"),
    )


def _second_hint(state: State) -> Wording:
    pod = state.find("pod/till")
    if pod is not None and _claimed(pod):
        return msg('`t.exec("pod/till", "redis-cli set takings 42")`, then `t.delete("pod/till")`, then apply again.')
    return msg("Two objects: a PersistentVolumeClaim `till`, and the pod with a volume that names it, at `/data`.")


EXERCISE = Exercise(
    id="configuration-3",
    title=msg("The till that forgets"),
    task=msg(
        "Pod `till`, from `{image}`, forgets the day's takings whenever it is replaced. Give it a disk that stays, by a "
        "claim called `till`. Then prove it: tell it a number, delete the pod and start it again. The check "
        "reads in its log what it found.",
        image=IMAGE,
    ),
    checks=(
        exists("pod/till", gone_hint=msg("Deleting is half of it: start it again, with its disk.")),
        uses_image("pod/till", IMAGE),
        inspect("pod/till", _keeps_its_files_on_a_claim),
        is_not_broken("pod/till"),
        is_ready("pod/till"),
        inspect("pod/till", _found_something),
    ),
    solved=msg("the till remembers."),
    hints=(
        msg("The lesson's Pod `memo` went the same way: from its own files to a claim."),
        _second_hint,
        msg("volumes: [{{name: disk, persistentVolumeClaim: {{claimName: till}}}}], mounted at /data; write, replace."),
    ),
    start=_START,
    first_step=msg("Begin with a claim. A pod's volumes cannot be changed, so the pod has to be made anew."),
    looks_at=("events",),
    solution='''t.apply("""{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: till},
  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}""")
till = """
apiVersion: v1
kind: Pod
metadata: {name: till}
spec:
  containers: [{name: redis, image: "redis:7", volumeMounts: [{name: disk, mountPath: /data}]}]
  volumes: [{name: disk, persistentVolumeClaim: {claimName: till}}]"""
for line in ["set takings 42", "get takings"]:
    t.delete("pod/till")
    t.apply(till)
    t.wait("pod/till", "Ready", timeout=120)
    t.exec("pod/till", f"redis-cli {line}")''',
    alternative='''till = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: till}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: till}
spec:
  containers:
  - name: redis
    image: redis:7
    args: [--appendonly, "yes", --dir, /takings]
    volumeMounts: [{name: drawer, mountPath: /takings}]
  volumes: [{name: drawer, persistentVolumeClaim: {claimName: till}}]
"""
t.kubectl("delete pod till")
t.apply(till)
t.wait("pod/till", "Ready", timeout=120)
t.exec("pod/till", "redis-cli incrby takings 42")
t.kubectl("delete pod till")
t.apply(till)
t.wait("pod/till", "Ready")''',
    mistakes=(
        Mistake(
            name="a volume that goes with the pod",
            cell="""t.delete("pod/till")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: till}, spec: {containers: [{name: redis, image: 'redis:7', \
volumeMounts: [{name: disk, mountPath: /data}]}], volumes: [{name: disk, emptyDir: {}}]}}")
t.wait("pod/till", "Ready")""",
            says="its volumes: emptyDir",
        ),
        Mistake(
            name="no such claim",
            cell="""t.delete("pod/till")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: till}, spec: {containers: [{name: redis, image: 'redis:7', \
volumeMounts: [{name: disk, mountPath: /data}]}], volumes: [{name: disk, persistentVolumeClaim: {claimName: till}}]}}")""",
            says="waits for a claim that is not there",
        ),
        Mistake(
            name="mounted where redis does not write",
            cell="""t.delete("pod/till")
t.apply("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: till}, \
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: till}, spec: {containers: [{name: redis, image: 'redis:7', \
volumeMounts: [{name: disk, mountPath: /var/lib/redis}]}], \
volumes: [{name: disk, persistentVolumeClaim: {claimName: till}}]}}")
t.wait("pod/till", "Ready", timeout=120)""",
            says="redis writes beside it",
        ),
        Mistake(
            name="the disk is there, and nothing was put to the proof",
            cell="""t.delete("pod/till")
t.apply("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: till}, \
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: till}, spec: {containers: [{name: redis, image: 'redis:7', \
volumeMounts: [{name: disk, mountPath: /data}]}], volumes: [{name: disk, persistentVolumeClaim: {claimName: till}}]}}")
t.wait("pod/till", "Ready", timeout=120)""",
            says="started with nothing to remember",
        ),
    ),
    objects=("pod/till", "persistentvolumeclaim/till"),
)
