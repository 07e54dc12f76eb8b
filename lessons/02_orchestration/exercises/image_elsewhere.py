"""An image that is on somebody's laptop, and nowhere else."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see

from .deployed import PODINFO, is_rolled_out, keeps

__all__ = ["EXERCISE"]

_REF, _WRONG, _IMAGE = "deployment/snack", "snack:1", f"{PODINFO}:6.9.2"

_START = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: snack}
spec:
  replicas: 1
  selector: {matchLabels: {app: snack}}
  template:
    metadata: {labels: {app: snack}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: app, image: "snack:1"}
"""


def _names_the_registry(_state: State, snack: Obj) -> Seen | Verdict:
    """The image stands in the template with its registry and its tag."""
    images = [str(one.get("image", "")) for one in snack["spec"]["template"]["spec"]["containers"]]
    shown = msg("its template: {reference}", reference=", ".join(images))
    if _IMAGE in images:
        return see(shown)
    if any(image.endswith("podinfo:6.9.2") for image in images):
        return failed(
            msg("in the registry that this name leads to there is no such image."),
            shown,
            hint=msg("A name without a registry means Docker Hub. How does the task's name begin?"),
        )
    if PODINFO in images:
        return failed(
            msg("the image has no tag."), shown, hint=msg("Without a tag Kubernetes takes `:latest`, whatever that is today.")
        )
    if _WRONG in images:
        return failed(
            msg("the template still names `{image}`, and no node can get that.", image=_WRONG),
            shown,
            hint=msg("Where would a node look for it? `t.events()` says where it did."),
        )
    return failed(msg("that is another program."), shown, hint=msg("The task says which image it is to be."))


EXERCISE = Exercise(
    id="orchestration-3",
    title=msg("It works on my machine"),
    task=msg(
        "Somebody has built `{wrong}` on a laptop, where it works; here `snack` does not start. The same program stands "
        "in a registry that everybody may read: `{image}`. Get `snack` to run, as a Deployment of one Pod.",
        wrong=_WRONG,
        image=_IMAGE,
    ),
    checks=(
        exists(_REF, gone_hint=msg('`t.exercise("{exercise}")` brings it back.', exercise="orchestration-3")),
        inspect(_REF, _names_the_registry),
        keeps(_REF, 1),
        is_rolled_out(_REF),
    ),
    solved=msg("every node can get the image now, and one has."),
    hints=(
        msg('`t.explain("deploy/snack")` leads to the node that tried, and to what it was told.'),
        msg("A cluster does not know your laptop. Nodes ask the registry that stands in the image's name."),
        msg('t.kubectl("set image deploy/snack app=…") with the image of the task, its whole name.'),
    ),
    start=_START,
    first_step=msg('Begin with `t.events()`, or `t.explain("deploy/snack")`.'),
    looks_at=("events",),
    solution=f"""t.kubectl("set image deploy/snack app={_IMAGE}")
t.wait("deploy/snack", "rolled out")""",
    alternative=f"""change = {{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "{_IMAGE}"}}
t.client.patch("deployments", "snack", [change], t.namespace, type="json")""",
    mistakes=(
        Mistake(
            name="the name without its registry",
            cell="""t.kubectl("set image deploy/snack app=podinfo:6.9.2")""",
            says="in the registry that this name leads to there is no such image",
        ),
        Mistake(
            name="told not to look for it",
            cell="""change = {"op": "add", "path": "/spec/template/spec/containers/0/imagePullPolicy", "value": "Never"}
t.client.patch("deployments", "snack", [change], t.namespace, type="json")""",
            says="the template still names `snack:1`",
        ),
        Mistake(
            name="no tag",
            cell=f"""t.kubectl("set image deploy/snack app={PODINFO}")""",
            says="the image has no tag",
        ),
        Mistake(
            name="given up",
            cell="""t.delete("deploy/snack")""",
            says="there is no Deployment `snack`",
        ),
    ),
    objects=(_REF,),
    pods="app=snack",
)
