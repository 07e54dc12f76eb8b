"""Two containers, one address."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import phase, summary
from k8s_tutor.exercises.podrungs import exists, has_containers, nothing_broken, on_pod, seen, uses_image
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, failed, passed
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

NGINX = "nginx:1.22"
BUSYBOX = "busybox:1.35"


def _asks_localhost(scene: Scene, pod: Obj) -> Verdict | None:
    log = scene.log("pair", "reader")
    if "Welcome to nginx" in log:
        return None
    if "refused" in log:
        return failed(
            "`reader` asks, and nobody listens there.",
            f"its log: {log.strip().splitlines()[-1]}",
            hint="nginx listens on port 80, which is what `wget -qO- localhost` asks.",
            settling=False,
        )
    return failed(
        "the log of `reader` does not show nginx's page.",
        f"its log: {(log.strip().splitlines() or ['empty'])[-1]}",
        hint="`wget -qO- localhost` prints the page. Keep trying: while true; do wget -qO- localhost; sleep 5; done",
        settling=phase(pod) in ("Pending", "Running"),
    )


def _no_clash(scene: Scene, _pod: Obj) -> Verdict | None:
    for name in ("web", "reader"):
        log = scene.log("pair", name) + scene.log("pair", name, previous=True)
        if "Address already in use" in log:
            return failed(
                f"`{name}` cannot listen on port 80: somebody in this pod does already.",
                "its log: bind() to 0.0.0.0:80 failed (98: Address already in use)",
                hint="One address means one set of ports. Only `web` should serve; `reader` only asks.",
            )
    return None


def _both_up(_scene: Scene, pod: Obj) -> Verdict | None:
    """A reader that asks in a tight loop ends between two looks; what its log shows was judged before."""
    if conditions.is_true(pod, "Ready"):
        return None
    return failed(
        "both containers should keep running.",
        summary(pod),
        hint="A container that ends is started again and again. `while true; do …; sleep 5; done` keeps `reader` up.",
        settling=True,
    )


EXERCISE = Exercise(
    id="pods-3",
    title="Two containers, one address",
    task=f"Start a pod called `pair` with two containers: `web` runs `{NGINX}`, and `reader` runs `{BUSYBOX}`, asks "
    "`localhost` every few seconds, and prints the page.",
    judge=ladder(
        exists("pair"),
        has_containers(
            "pair",
            "web",
            "reader",
            hint="Two entries under the same `containers:`, not two pods, and with these names.",
        ),
        uses_image("pair", NGINX, "web"),
        on_pod("pair", _no_clash),
        uses_image("pair", BUSYBOX, "reader"),
        on_pod("pair", _asks_localhost),
        nothing_broken("pair"),
        on_pod("pair", _both_up),
        then=lambda scene: passed("`reader` reads what `web` serves, over localhost.", seen(scene, "pair")),
    ),
    hints=(
        "`containers` is a list: write a second entry below the first, indented the same.",
        "busybox has `wget`; `wget -qO- localhost` prints a page. A shell can repeat it: `while true; do …; done`.",
        'The command of reader: [sh, -c, "while true; do wget -qO- localhost; sleep 5; done"]',
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
            says="nginx listens on port 80",
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
            says="does not show nginx's page",
        ),
    ),
    objects=("pod/pair",),
)
