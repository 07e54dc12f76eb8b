"""Three are to become two, and to stay two: not by hand, but in the wish."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Outcome, State, Wording, exists, msg
from .wishes import are_there, asks_for, keeps_image

__all__ = ["EXERCISE"]

_IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.2"
_START = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: choir}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: choir}}}}
  template:
    metadata: {{labels: {{app: choir}}}}
    spec:
      containers:
      - {{name: app, image: "{_IMAGE}"}}
"""


def _first_hint(state: State) -> Wording:
    choir = state.find("deployment/choir")
    if choir is not None and choir["spec"].get("replicas") == 3:
        return msg("Whoever sends a singer away sees another one come: the wish in the book still says three.")
    return msg('`t.get("deploy/choir")` shows the wish as it stands in the book now.')


EXERCISE = Exercise(
    id="picture-book-2",
    title=msg("One too many"),
    task=msg("The choir has three singers, and two are enough. See to it that two are left, and that it stays so."),
    checks=(
        exists(
            "deployment/choir",
            gone_hint=msg('Two were to go on singing. `t.exercise("picture-book-2")` brings the choir back.'),
        ),
        keeps_image("deployment/choir", _IMAGE, hint=msg("The song was to stay the same; only the number is to change.")),
        asks_for("deployment/choir", 2, hint=msg("What do you wish for: how many are to be left?")),
        are_there("deployment/choir"),
    ),
    solved=msg("two are singing, and the owl is content."),
    hints=(
        _first_hint,
        msg("On page 6 one became three. The same command makes two of three."),
        msg('`t.kubectl("scale deployment NAME --replicas=NUMBER")`.'),
    ),
    start=_START,
    first_step=msg(
        "Taking a Pod away is no use here: the owl makes up for it. Whom does the owl believe? Change it there."
    ),
    solution='t.kubectl("scale deployment choir --replicas=2")',
    alternative="""t.client.patch("deployments", "choir", {"spec": {"replicas": 2}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="a singer is sent away by hand",
            cell="""t.wait("deploy/choir", "rolled out")
t.delete(f"pod/{t.objects('pods', 'app=choir')[0]['metadata']['name']}", now=True)""",
            says="the owl makes up for it",
            outcome=Outcome.NOT_ATTEMPTED,
        ),
        Mistake(name="the choir is sent away", cell='t.delete("deploy/choir")', says="Two were to go on singing"),
        Mistake(
            name="one too few",
            cell='t.kubectl("scale deployment choir --replicas=1")',
            says="wishes for 1",
        ),
        Mistake(
            name="another song",
            cell="""t.kubectl("set image deployment/choir app=ghcr.io/stefanprodan/podinfo:6.9.1")
t.kubectl("scale deployment choir --replicas=2")""",
            says="only the number is to change",
        ),
    ),
    objects=("deployment/choir",),
    pods="app=choir",
)
