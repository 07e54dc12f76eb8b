"""A wish of one's own: a Deployment of two."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Seen, State, Verdict, exists, failed, msg, see
from .wishes import are_there, asks_for, keeps_image

__all__ = ["EXERCISE"]

_IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.1"


def _is_a_wish(state: State) -> Seen | Verdict:
    """There is somebody who counts, not only a house that was put up by hand."""
    if state.find("deployment/bakery") is not None or state.find("pod/bakery") is None:
        return see()
    return failed(
        msg("there is a Pod `bakery`, put up by hand."),
        hint=msg("Who makes up for it when it is gone? On page 5 the story wrote down something else."),
    )


EXERCISE = Exercise(
    id="picture-book-1",
    title=msg("Two for the bakery"),
    task=msg(
        "Wish for a bakery: a Deployment called `bakery` that keeps two Pods of the image "
        "`ghcr.io/stefanprodan/podinfo:6.9.1`."
    ),
    checks=(
        _is_a_wish,
        exists("deployment/bakery"),
        keeps_image("deployment/bakery", _IMAGE, hint=msg("A drawing's name is taken letter by letter.")),
        asks_for("deployment/bakery", 2, hint=msg("One number of the wish says how many.")),
        are_there("deployment/bakery"),
    ),
    solved=msg("the bakery is open."),
    hints=(
        msg("Page 5 shows a whole wish. Three things in it are to be changed: its name, its ribbon, its number."),
        msg(
            "The name stands under `metadata`, the number under `replicas`. The ribbon stands twice, and has to be the "
            "same both times."
        ),
        msg("Or in one line: `t.kubectl(\"create deployment NAME --image=IMAGE --replicas=NUMBER\")`."),
    ),
    solution=f't.kubectl("create deployment bakery --image={_IMAGE} --replicas=2")',
    alternative=f'''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: bakery}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: baker}}}}
  template:
    metadata: {{labels: {{app: baker}}}}
    spec: {{containers: [{{name: oven, image: "{_IMAGE}"}}]}}
""")''',
    mistakes=(
        Mistake(
            name="only one",
            cell=f't.kubectl("create deployment bakery --image={_IMAGE}")',
            says="wishes for 1",
        ),
        Mistake(
            name="a house put up by hand",
            cell=f't.kubectl("run bakery --image={_IMAGE}")',
            says="a Pod `bakery`, put up by hand",
        ),
        Mistake(
            name="another drawing",
            cell='t.kubectl("create deployment bakery --image=nginx:1.22 --replicas=2")',
            says="are built from `nginx:1.22`",
        ),
        Mistake(
            name="another name",
            cell=f't.kubectl("create deployment bakry --image={_IMAGE} --replicas=2")',
            says="but there is one called `bakry`",
        ),
    ),
    objects=("deployment/bakery", "deployment/bakry", "pod/bakery"),
)
