"""A pod that waits for a key of a Secret."""

from __future__ import annotations

import base64
import binascii

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    describe_pod,
    exists,
    failed,
    inspect,
    is_unchanged,
    msg,
    see,
)

__all__ = ["EXERCISE"]

CODE = "four-seven-one"

_START = f"""
apiVersion: v1
kind: Secret
metadata: {{name: safe-code}}
stringData: {{passwort: {CODE}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: safe}}
spec:
  containers:
  - name: redis
    image: redis:7
    args: [--requirepass, $(CODE)]
    env:
    - {{name: CODE, valueFrom: {{secretKeyRef: {{name: safe-code, key: password}}}}}}
"""


def _holds_the_code(_state: State, secret: Obj) -> Seen | Verdict:
    data = secret.get("data") or {}
    if "password" not in data:
        return failed(
            msg("Secret `safe-code` has no key `password`."),
            msg("its keys: {keys}", keys=", ".join(sorted(data)) or "none"),
            hint=msg("The pod says which key it looks for. Compare letter by letter."),
        )
    try:
        code = base64.b64decode(data["password"]).decode()
    except (binascii.Error, UnicodeDecodeError):
        code = ""
    if code == CODE:
        return see(msg("key `password` is there, with the old code"))
    if code.strip() == CODE:
        return failed(
            msg("the code under `password` is not the old one: there is a line break at its end."),
            hint=msg("`echo` adds one; `echo -n` does not. With `stringData` nothing has to be encoded by hand."),
        )
    return failed(
        msg("the code under `password` is not the old one."),
        msg("its length: {new}, that of the old one: {old}", new=len(code), old=len(CODE)),
        hint=msg("`data` wants base64, `stringData` plain text. Which one did you write, and what did you put there?"),
    )


def _opens(_state: State, pod: Obj) -> Seen | Verdict:
    statuses = (pod.get("status") or {}).get("containerStatuses") or [{}]
    if statuses[0].get("ready"):
        return see(describe_pod(pod))
    waits = ((statuses[0].get("state") or {}).get("waiting") or {}).get("message", "")
    hint = msg("The kubelet tries again every few seconds.")
    return failed(msg("pod/safe does not run yet."), waits or describe_pod(pod), hint=hint, settling=True)


EXERCISE = Exercise(
    id="configuration-2",
    title=msg("The safe that does not open"),
    task=msg(
        "Pod `safe`, a redis with a password, does not start. Find out what it is waiting for, and mend it without "
        "touching the pod. The code that is written in Secret `safe-code` is right, and must stay the same."
    ),
    checks=(
        is_unchanged(
            "pod/safe", hint=msg('The task leaves the pod as it is. `t.exercise("configuration-2")` starts over.')
        ),
        exists("secret/safe-code", gone_hint=msg('`t.exercise("configuration-2")` brings it back.')),
        inspect("secret/safe-code", _holds_the_code),
        inspect("pod/safe", _opens),
    ),
    solved=msg("the safe opens, with its old code."),
    hints=(
        msg('`t.explain("pod/safe")` leads from the pod to what is missing.'),
        msg("The pod looks for the key `password`; the Secret has one that is spelt in another language."),
        msg('Read the code as the lesson did: `t.get("secret/safe-code")["data"]`, then base64.'),
        msg("Apply the Secret again, with the code under `stringData`, key `password`. The other key may stay."),
    ),
    start=_START,
    first_step=msg('Begin with `t.explain("pod/safe")`.'),
    solution='''import base64
code = base64.b64decode(t.get("secret/safe-code")["data"]["passwort"]).decode()
t.apply(f"""
apiVersion: v1
kind: Secret
metadata: {{name: safe-code}}
stringData: {{password: {code}}}
""")''',
    alternative="""secret = t.get("secret/safe-code")
secret["data"] = {"password": secret["data"]["passwort"]}
t.client.replace(secret)
t.wait("pod/safe", timeout=120)""",
    mistakes=(
        Mistake(
            name="a code of one's own, in the pod",
            cell="""t.delete("pod/safe", now=True)
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: safe}, spec: {containers: [{name: redis, image: 'redis:7', \
args: [--requirepass, four-seven-one]}]}}")""",
            says="leaves the pod as it is",
        ),
        Mistake(
            name="base64 of base64",
            cell="""t.apply("{apiVersion: v1, kind: Secret, metadata: {name: safe-code}, \
stringData: {password: Zm91ci1zZXZlbi1vbmU=}}")""",
            says="`data` wants base64, `stringData` plain text",
        ),
        Mistake(
            name="a line break at the end",
            cell="""t.apply("{apiVersion: v1, kind: Secret, metadata: {name: safe-code}, \
data: {password: Zm91ci1zZXZlbi1vbmUK}}")""",
            says="a line break at its end",
        ),
        Mistake(
            name="the key is misspelt again",
            cell="""t.apply("{apiVersion: v1, kind: Secret, metadata: {name: safe-code}, \
stringData: {Password: four-seven-one}}")""",
            says="has no key `password`",
        ),
    ),
    objects=("pod/safe", "secret/safe-code"),
    looks_at=("events",),
)
