"""A file out of a ConfigMap that does not follow it."""

from __future__ import annotations

from collections.abc import Iterator

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
)

__all__ = ["EXERCISE"]

TEXT = "Sold out."

_START = """
apiVersion: v1
kind: ConfigMap
metadata: {name: sign}
data: {text: Fresh bread.}
---
apiVersion: v1
kind: Pod
metadata: {name: window}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: show
    image: busybox:1.35
    command: [sh, -c, "while true; do cat /sign/text; echo; sleep 1; done"]
    volumeMounts: [{name: sign, mountPath: /sign/text, subPath: text}]
  volumes: [{name: sign, configMap: {name: sign}}]
"""


def _says_it_is_sold_out(_state: State, sign: Obj) -> Seen | Verdict:
    text = str((sign.get("data") or {}).get("text", "")).strip()
    if text == TEXT:
        return see()
    hint = msg("The key is `text`, under `data`.")
    return failed(msg("ConfigMap `sign` does not say `{text}`.", text=TEXT), msg("text: {text}", text=text), hint=hint)


def _sources(volume: Obj) -> Iterator[str]:
    """The ConfigMaps whose keys are files of a volume."""
    for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
        yield str((source.get("configMap") or {}).get("name", ""))


def _mounts(pod: Obj) -> list[Obj]:
    """The places where files of the ConfigMap appear."""
    names = [one["name"] for one in pod["spec"].get("volumes") or () if "sign" in _sources(one)]
    containers = pod["spec"]["containers"]
    return [row for one in containers for row in one.get("volumeMounts") or () if row["name"] in names]


def _takes_the_folder(_state: State, pod: Obj) -> Seen | Verdict:
    mounts = _mounts(pod)
    if not mounts:
        return failed(
            msg("pod/window has no files of ConfigMap `sign`: a later change would not reach it."),
            hint=msg("What did the lesson's table say about variables, and about files?"),
        )
    if single := [row for row in mounts if row.get("subPath") or row.get("subPathExpr")]:
        return failed(
            msg("pod/window would miss the next change of the sign."),
            msg("mounted at {path}, by `subPath`", path=single[0]["mountPath"]),
            hint=msg("Which of the three ways of reading follows a change?"),
        )
    return see(msg("the whole ConfigMap is mounted at {path}", path=mounts[0]["mountPath"]))


def _shows_it(state: State, _pod: Obj) -> Seen | Verdict:
    shown = (state.log("window").split("\n") or [""])[-8:]
    last = next((line.strip() for line in reversed(shown) if line.strip()), "")
    if last == TEXT:
        return see(msg("the window shows: {text}", text=last))
    return failed(
        msg("the window shows something else."),
        msg("the last line of its log: {text}", text=last or "(empty)"),
        hint=msg("Which file does its command read, and is it there?"),
        settling=True,
    )


def _second_hint(state: State) -> Wording:
    pod = state.find("pod/window")
    if pod is not None and any(row.get("subPath") for row in _mounts(pod)):
        return msg("`subPath` takes one file out of the folder, and that file stays as it was.")
    return msg("A pod's mounts cannot be changed: delete it, and apply it with other ones.")


EXERCISE = Exercise(
    id="configuration-1",
    title=msg("Yesterday's sign"),
    task=msg(
        "Pod `window` shows, every second, the text of ConfigMap `sign`; but whatever the baker writes there, it shows "
        "yesterday's. Change the sign to `{text}`, and see to it that the window shows this, and every later change, "
        "by itself.",
        text=TEXT,
    ),
    checks=(
        exists("configmap/sign"),
        exists("pod/window", gone_hint=msg('Deleting is half of it. `t.exercise("configuration-1")` brings it back.')),
        inspect("configmap/sign", _says_it_is_sold_out),
        inspect("pod/window", _takes_the_folder),
        is_not_broken("pod/window"),
        is_ready("pod/window"),
        inspect("pod/window", _shows_it),
    ),
    solved=msg("the window follows the sign."),
    hints=(
        msg('`t.logs("pod/window", tail=3)` says what it shows; its manifest says where that comes from.'),
        _second_hint,
        msg("Mount the volume at `/sign`, without `subPath`: then `/sign/text` is a file in a mounted folder."),
    ),
    start=_START,
    first_step=msg('Begin with `t.logs("pod/window", tail=3)`.'),
    looks_at=("events",),
    solution='''t.delete("pod/window")
t.apply("""
apiVersion: v1
kind: ConfigMap
metadata: {name: sign}
data: {text: Sold out.}
---
apiVersion: v1
kind: Pod
metadata: {name: window}
spec:
  containers: [{name: show, image: "busybox:1.35", volumeMounts: [{name: sign, mountPath: /sign}],
    command: [sh, -c, "while true; do cat /sign/text; echo; sleep 1; done"]}]
  volumes: [{name: sign, configMap: {name: sign}}]""")''',
    alternative='''t.kubectl("""patch configmap sign -p '{"data": {"text": "Sold out."}}'""")
t.kubectl("delete pod window")
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: window}
spec:
  containers:
  - name: show
    image: busybox:1.35
    command: [sh, -c, "while sleep 1; do echo $(cat /etc/bakery/board.txt); done"]
    volumeMounts: [{name: files, mountPath: /etc/bakery}]
  volumes:
  - name: files
    projected: {sources: [{configMap: {name: sign, items: [{key: text, path: board.txt}]}}]}
""")''',
    mistakes=(
        Mistake(
            name="only the sign is changed",
            cell="""t.wait("pod/window", "Ready")
t.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: sign}, data: {text: Sold out.}}")""",
            says="would miss the next change",
        ),
        Mistake(
            name="the text is in the command",
            cell="""t.delete("pod/window")
t.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: sign}, data: {text: Sold out.}}")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: window}, spec: {terminationGracePeriodSeconds: 1, containers: [\
{name: show, image: 'busybox:1.35', command: [sh, -c, 'while sleep 1; do echo Sold out.; done']}]}}")""",
            says="has no files of ConfigMap `sign`",
        ),
        Mistake(
            name="it is a variable now",
            cell="""t.delete("pod/window")
t.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: sign}, data: {text: Sold out.}}")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: window}, spec: {terminationGracePeriodSeconds: 1, containers: [\
{name: show, image: 'busybox:1.35', command: [sh, -c, 'while sleep 1; do echo $text; done'], \
envFrom: [{configMapRef: {name: sign}}]}]}}")""",
            says="about variables, and about files",
        ),
        Mistake(
            name="the folder is mounted somewhere else",
            cell="""t.delete("pod/window")
t.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: sign}, data: {text: Sold out.}}")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: window}, spec: {terminationGracePeriodSeconds: 1, containers: [\
{name: show, image: 'busybox:1.35', command: [sh, -c, 'while sleep 1; do cat /sign/text; done'], \
volumeMounts: [{name: sign, mountPath: /text}]}], volumes: [{name: sign, configMap: {name: sign}}]}}")""",
            says="Which file does its command read",
        ),
        Mistake(
            name="the pod is mended, the sign forgotten",
            cell="""t.delete("pod/window")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: window}, spec: {terminationGracePeriodSeconds: 1, containers: [\
{name: show, image: 'busybox:1.35', command: [sh, -c, 'while sleep 1; do cat /sign/text; done'], \
volumeMounts: [{name: sign, mountPath: /sign}]}], volumes: [{name: sign, configMap: {name: sign}}]}}")""",
            says="does not say `Sold out.`",
        ),
    ),
    objects=("pod/window", "configmap/sign"),
)
