"""One field, one owner."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see

__all__ = ["EXERCISE"]

WANTED, MANAGER, BEFORE = 4, "autoscaler", "k8s-tutor"
IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.2"
START = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: bakery}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: bakery}}}}
  template:
    metadata: {{labels: {{app: bakery}}}}
    spec:
      containers:
      - {{name: app, image: "{IMAGE}"}}
"""


def _owners(obj: Obj, field: str) -> list[str]:
    """Who owns a field of the spec."""
    entries = obj["metadata"].get("managedFields") or ()
    return sorted({one["manager"] for one in entries if f"f:{field}" in (one.get("fieldsV1") or {}).get("f:spec", {})})


def _keeps_the_rest(_state: State, bakery: Obj) -> Seen | Verdict:
    images = [container["image"] for container in bakery["spec"]["template"]["spec"]["containers"]]
    if images != [IMAGE]:
        return failed(msg("the Pods' image is no longer the one of the start."), msg("images: {images}",
                      images=", ".join(images)))  # fmt: skip
    if BEFORE not in _owners(bakery, "template"):
        return failed(
            msg("the Pods' template no longer belongs to `{before}`.", before=BEFORE),
            hint=msg("Only one field is to change hands. What is not in a manifest is not touched."),
        )
    return see()


def _has_one_owner(_state: State, bakery: Obj) -> Seen | Verdict:
    owners = _owners(bakery, "replicas")
    fact = msg("`spec.replicas` is {number}, owned by {managers}", number=bakery["spec"].get("replicas"),
               managers=", ".join(owners) or "-")  # fmt: skip
    if MANAGER not in owners:
        return failed(
            msg("`{manager}` does not own `spec.replicas`.", manager=MANAGER), fact,
            hint=msg("Who owns a field depends on whose name the request carries: its field manager."),
        )  # fmt: skip
    if bakery["spec"].get("replicas") != WANTED:
        hint = msg("Which number does the task ask for?")
        return failed(msg("`spec.replicas` is not {wanted}.", wanted=WANTED), fact, hint=hint)
    if others := [one for one in owners if one != MANAGER]:
        return failed(
            msg("`spec.replicas` has two owners.", ), fact,
            hint=msg("Who applies the same value owns it, too. `{other}` has to let go, by applying without it.",
                     other=others[0]),
        )  # fmt: skip
    return see(fact)


def _apply(manager: str, replicas: int) -> str:
    """A cell's source: a manifest with the number alone, in somebody's name."""
    return (
        't.client.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "bakery"},\n'
        f'                "spec": {{"replicas": {replicas}}}}}, t.namespace, field_manager="{manager}")'
    )


EXERCISE = Exercise(
    id="control-loop-5",
    title=msg("Handed over"),
    task=msg(
        "Deployment `bakery` was made by `{before}`, replicas included. From now on `{manager}` decides how many there "
        "are: `spec.replicas` is to be {wanted}, owned by the field manager `{manager}` and by nobody else. All the "
        "rest stays as it is.",
        before=BEFORE,
        manager=MANAGER,
        wanted=WANTED,
    ),
    checks=(exists("deployment/bakery"), inspect("deployment/bakery", _keeps_the_rest),
            inspect("deployment/bakery", _has_one_owner)),
    solved=msg("one field, one owner: nobody will undo what the other does."),
    hints=(
        msg("Apply a manifest in the name of `{manager}`. Which fields should it hold, apart from the name?",
            manager=MANAGER),
        msg("`t.client.apply(manifest, t.namespace, field_manager=…)` takes what it sets from others, by force."),
        msg("The manifest's spec is `{{\"replicas\": {wanted}}}`, and nothing else.", wanted=WANTED),
    ),
    solution=_apply(MANAGER, WANTED),
    alternative="""whole = t.get("deployment/bakery")
spec = {key: whole["spec"][key] for key in ("selector", "template")}
bakery = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "bakery"}}
t.apply({**bakery, "spec": spec})
t.client.apply({**bakery, "spec": {"replicas": 4}}, t.namespace, field_manager="autoscaler", force=False)""",
    mistakes=(
        Mistake(
            name="scaled by hand",
            cell='t.kubectl("scale deployment/bakery --replicas=4")',
            says="owned by kubectl",
        ),
        Mistake(
            name="another number",
            cell=_apply(MANAGER, 3),
            says="`spec.replicas` is not 4",
        ),
        Mistake(
            name="two owners",
            cell=_apply(MANAGER, WANTED)
            + "\nwhole = t.client.get('deployments', 'bakery', t.namespace)\n"
            "spec = {key: whole['spec'][key] for key in ('replicas', 'selector', 'template')}\n"
            "t.client.apply({'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'bakery'}, "
            "'spec': spec}, t.namespace)",
            says="has two owners",
        ),
        Mistake(
            name="the whole manifest in the other's name",
            cell="t.client.patch('deployments', 'bakery', {'metadata': {'managedFields': [{}]}}, t.namespace)\n"
            "whole = t.client.get('deployments', 'bakery', t.namespace)\n"
            "spec = {key: whole['spec'][key] for key in ('selector', 'template')} | {'replicas': 4}\n"
            "t.client.apply({'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'bakery'}, "
            "'spec': spec}, t.namespace, field_manager='autoscaler')",
            says="no longer belongs to `k8s-tutor`",
        ),
    ),
    start=START,
    first_step=msg("Who owns what? `kubectl get deployment bakery -o yaml --show-managed-fields` tells."),
    objects=("deployment/bakery",),
    pods="app=bakery",
)
