"""The operator's Deployment: one at a time, in its own name."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see

__all__ = ["EXERCISE"]

_NAME = "nightwatch"
_START = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {_NAME}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {_NAME}}}
rules:
- {{apiGroups: [""], resources: [pods], verbs: [get, list, watch, delete]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {_NAME}}}
subjects: [{{kind: ServiceAccount, name: {_NAME}}}]
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {_NAME}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {_NAME}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {_NAME}}}}}
  template:
    metadata: {{labels: {{app: {_NAME}}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: home, image: "busybox:1.35", command: [sleep, infinity]}}]
"""


def _account(pod: Obj) -> str:
    return str(pod["spec"].get("serviceAccountName") or "default")


def _has_its_rights_alone(state: State) -> Seen | Verdict:
    for binding in state.list("rolebindings"):
        names = [subject["name"] for subject in binding.get("subjects") or () if subject["kind"] != "User"]
        if binding["roleRef"]["name"] == _NAME and names != [_NAME]:
            return failed(
                msg("the rights of `{name}` were given to others.", name=_NAME),
                msg("RoleBinding {name}: for {who}", name=binding["metadata"]["name"], who=", ".join(names) or "-"),
                hint=msg("Every Pod that names no account runs as `default`. All of them would have these rights now."),
            )
    return see()


def _names_its_account(_state: State, deployment: Obj) -> Seen | Verdict:
    template = deployment["spec"]["template"]
    if _account(template) != _NAME:
        return failed(
            msg("the Pods of `{name}` run in the name of another account.", name=_NAME),
            msg("serviceAccountName: {account}", account=_account(template)),
            hint=msg("In whose name a Pod works is said in the Pod's own spec; a Deployment makes Pods from its template."),
        )
    return see()


def _is_the_only_one(_state: State, deployment: Obj) -> Seen | Verdict:
    replicas = deployment["spec"].get("replicas")
    fact = msg("replicas: {number}", number=replicas)
    if replicas == 0:
        return failed(msg("nobody is awake."), fact, hint=msg("Exactly one should be there."))
    if replicas != 1:
        hint = msg("Two who look after the same things get in each other's way, as the two painters did.")
        return failed(msg("more than one copy of it is wanted."), fact, hint=hint)
    return see(fact)


def _runs(state: State) -> Seen | Verdict:
    pods = state.list("pods", f"app={_NAME}")
    facts = [
        msg("Pod {name}: {phase}, in the name of {account}", name=pod["metadata"]["name"],
            phase=pod["status"].get("phase", "?"), account=_account(pod))
        for pod in pods
    ]  # fmt: skip
    good = [pod for pod in pods if _account(pod) == _NAME and pod["status"].get("phase") == "Running"]
    if len(pods) != 1 or len(good) != 1:
        return failed(msg("there is not exactly one Pod that runs in its own name."), *facts, settling=True)
    return see(msg("one Pod runs, in the name of {account}", account=_account(good[0])))


def _patch(spec: str) -> str:
    return f't.client.patch("deployments", "nightwatch", {{"spec": {spec}}}, t.namespace)'


_OWN = '{"template": {"spec": {"serviceAccountName": "nightwatch"}}}'

EXERCISE = Exercise(
    id="operators-6",
    title=msg("One, in its own name"),
    task=msg(
        "Somebody has put an operator into the Deployment `{name}`. ServiceAccount, Role and RoleBinding are right, but "
        "it gets 403 for everything, and two copies of it run. Let exactly one run, in the name of the ServiceAccount "
        "`{name}`; leave its rights as they are.",
        name=_NAME,
    ),
    checks=(
        exists(f"deployment/{_NAME}"),
        _has_its_rights_alone,
        inspect(f"deployment/{_NAME}", _names_its_account),
        inspect(f"deployment/{_NAME}", _is_the_only_one),
        _runs,
    ),
    solved=msg("one operator, in its own name, with its own rights."),
    hints=(
        msg("In whose name do its Pods work? `kubectl get pods -l app=nightwatch -o yaml` tells: `serviceAccountName`."),
        msg("Two fields of the Deployment: the number of copies, and one in the spec of its template."),
        msg("`spec.replicas`, and `spec.template.spec.serviceAccountName`."),
    ),
    solution="""t.client.patch("deployments", "nightwatch", {"spec": {
    "replicas": 1,
    "template": {"spec": {"serviceAccountName": "nightwatch"}},
}}, t.namespace)
t.kubectl("rollout status deployment/nightwatch")""",
    alternative="""t.kubectl("set serviceaccount deployment/nightwatch nightwatch")
t.kubectl("scale deployment/nightwatch --replicas=1")
t.wait("deployment/nightwatch", "Available")""",
    mistakes=(
        Mistake(name="still two", cell=_patch(_OWN), says="more than one copy of it"),
        Mistake(
            name="the account is forgotten",
            cell='t.kubectl("scale deployment/nightwatch --replicas=1")',
            says="run in the name of another account",
        ),
        Mistake(
            name="nobody",
            cell=_patch('{"replicas": 0, ' + _OWN[1:]),
            says="nobody is awake",
        ),
        Mistake(
            name="rights for everybody",
            cell='t.kubectl("scale deployment/nightwatch --replicas=1")\n'
            "t.client.patch('rolebindings', 'nightwatch', {'subjects': [{'kind': 'ServiceAccount', 'name': 'default', "
            "'namespace': t.namespace}]}, t.namespace)",
            says="All of them would have these rights",
        ),
        Mistake(
            name="thrown away",
            cell='t.delete("deployment/nightwatch")',
            says="there is no Deployment",
        ),
    ),
    start=_START,
    first_step=msg("Its Pods run. In whose name?"),
    objects=(
        "deployment/nightwatch",
        "serviceaccount/nightwatch",
        "role/nightwatch",
        "rolebinding/nightwatch",
    ),
    pods="app=nightwatch",
    looks_at=("pods", "rolebindings"),
)  # fmt: skip
