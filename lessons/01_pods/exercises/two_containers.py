"""Two containers, one address."""

from __future__ import annotations

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
    has_containers,
    inspect,
    is_not_broken,
    msg,
    prints,
    runs_for,
    see,
    uses_image,
)

__all__ = ["EXERCISE"]

NGINX = "nginx:1.22"
BUSYBOX = "busybox:1.35"
AGAIN = 30  # seconds within which the page has to come again: "every few seconds", and some patience
LASTING = 5  # seconds that both containers have to have been running


def _finds_somebody(state: State, _pod: Obj) -> Seen | Verdict:
    log = state.log("pair", "reader")
    if "Welcome to nginx" in log or "refused" not in log:
        return see()
    return failed(
        msg("`reader` asks, and nobody listens there."),
        msg("its log: {line}", line=log.strip().splitlines()[-1]),
        hint=msg("At which port does it ask, and at which does nginx listen?"),
    )


def _no_clash(state: State, _pod: Obj) -> Seen | Verdict:
    for name in ("web", "reader"):
        log = state.log("pair", name) + state.log("pair", name, previous=True)
        taken = next((line for line in log.splitlines() if "Address already in use" in line), "")
        if taken:
            return failed(
                msg("`{name}` cannot listen at its port: another container of this pod does already.", name=name),
                msg("its log: {line}", line=taken),
                hint=msg("One address means one set of ports. Which of the two should serve, and which only ask?"),
            )
    return see()


def _first_hint(state: State) -> Wording:
    pod = state.find("pod/pair")
    names = [container["name"] for container in pod["spec"]["containers"]] if pod else []
    if {"web", "reader"} <= set(names):
        return msg('Both containers are there. What does `reader` do? `t.logs("pod/pair", "reader")` shows it.')
    if len(names) > 1:
        known = ", ".join(names)
        return msg(
            "There are {count} containers already: {names}. The task names them differently.",
            count=len(names),
            names=known,
        )
    return msg("`containers` is a list: a second entry stands below the first, indented the same.")


EXERCISE = Exercise(
    id="pods-3",
    title=msg("Two containers, one address"),
    task=msg(
        "Start a pod called `pair` with two containers: `web` runs `{nginx}`, and `reader` runs `{busybox}`, asks "
        "`localhost` every few seconds, and prints the page.",
        nginx=NGINX,
        busybox=BUSYBOX,
    ),
    checks=(
        exists("pod/pair"),
        has_containers("pod/pair", "web", "reader", hint=msg("Two containers of one pod, and with these names.")),
        uses_image("pod/pair", NGINX, "web"),
        inspect("pod/pair", _no_clash),
        uses_image("pod/pair", BUSYBOX, "reader"),
        inspect("pod/pair", _finds_somebody),
        is_not_broken("pod/pair"),
        prints(
            "pod/pair",
            "Welcome to nginx",
            "reader",
            again_within=AGAIN,
            hint=msg('`reader` should ask again and again. `t.logs("pod/pair", "reader")` shows what it has printed.'),
        ),
        runs_for("pod/pair", LASTING),
    ),
    solved=msg("`reader` reads what `web` serves, over localhost, and goes on reading."),
    hints=(
        _first_hint,
        msg("busybox has `wget`; `wget -qO- localhost` prints a page, once."),
        msg("A shell can repeat it: `while true; do …; sleep 5; done`. The shell is called with `sh -c`."),
        msg('The command of reader: [sh, -c, "while true; do wget -qO- localhost; sleep 5; done"]'),
    ),
    solution='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  containers:
  - {name: web, image: "nginx:1.22"}
  - name: reader
    image: busybox:1.35
    command: [sh, -c, "while true; do wget -qO- localhost; sleep 5; done"]
""")''',
    alternative='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  containers:
  - name: reader
    image: busybox:1.35
    command: [sh, -c, "while true; do sleep 2; wget -qO- http://127.0.0.1:80/; done"]
  - {name: web, image: "nginx:1.22"}
""")''',
    mistakes=(
        Mistake(
            name="only one container",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: pair}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}")""",
            says="no container called `reader`",
        ),
        Mistake(
            name="reader asks the wrong port",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: pair}, spec: {containers: [\
{name: web, image: 'nginx:1.22'}, {name: reader, image: 'busybox:1.35', \
command: [sh, -c, 'while true; do wget -qO- localhost:8080; sleep 5; done']}]}}")""",
            says="nobody listens there",
        ),
        Mistake(
            name="two servers on one port",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: pair}, spec: {containers: [\
{name: web, image: 'nginx:1.22'}, {name: reader, image: 'nginx:1.22'}]}}")
t.wait("pod/pair", "CrashLoopBackOff")""",
            says="One address means one set of ports",
        ),
        Mistake(
            name="reader asks nothing",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: pair}, spec: {containers: [\
{name: web, image: 'nginx:1.22'}, {name: reader, image: 'busybox:1.35', command: [sleep, '3600']}]}}")""",
            says="does not print what it should",
        ),
    ),
    objects=("pod/pair",),
)
