"""Rights: as many as the work needs, and none more."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, failed, msg, see

__all__ = ["EXERCISE"]

_WHO, _OURS = "reporter", "tutor.example"
_START = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {_WHO}}}
"""
# Verb, group, resource.
_NEEDED = (
    ("get", "", "pods"),
    ("list", "", "pods"),
    ("get", _OURS, "etcdclusters"),
    ("list", _OURS, "etcdclusters"),
    ("patch", _OURS, "etcdclusters/status"),
)
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_PLACES = (("", "pods"), ("", "pods/exec"), ("", "secrets"), (_OURS, "etcdclusters"), (_OURS, "etcdclusters/status"))
_TOO_MUCH = tuple(
    (verb, group, resource)
    for group, resource in _PLACES
    for verb in _VERBS
    if (verb, group, resource) not in _NEEDED and not (verb == "watch" and resource in ("pods", "etcdclusters"))
    and not (verb in ("get", "update") and resource == "etcdclusters/status")
)  # fmt: skip


def _bound_rules(state: State) -> Iterator[Obj]:
    """The rules of all Roles that are bound to the account."""
    for binding in state.list("rolebindings"):
        if not any(_is_account(subject) for subject in binding.get("subjects") or ()):
            continue
        if binding["roleRef"]["kind"] == "Role" and (role := state.find(f"role/{binding['roleRef']['name']}")):
            yield from role.get("rules") or ()


def _is_account(subject: Obj) -> bool:
    return bool(subject["kind"] == "ServiceAccount" and subject["name"] == _WHO)


def _allows(rule: Obj, verb: str, group: str, resource: str) -> bool:
    wanted = (("verbs", verb), ("apiGroups", group), ("resources", resource))
    return not rule.get("resourceNames") and all({"*", one} & set(rule.get(key) or ()) for key, one in wanted)


def _said(verb: str, _group: str, resource: str) -> str:
    return f"{verb} {resource}"


def _is_bound(state: State) -> Seen | Verdict:
    clusterwide = [one for one in state.list("rolebindings") if one["roleRef"]["kind"] == "ClusterRole"
                   and any(_is_account(subject) for subject in one.get("subjects") or ())]  # fmt: skip
    if clusterwide:
        name = clusterwide[0]["roleRef"]["name"]
        hint = msg("A Role of this namespace's own, with as many rules as the work needs, is easy to read.")
        return failed(msg("`{who}` is bound to the ClusterRole `{name}`.", who=_WHO, name=name), hint=hint)
    if any(True for _ in _bound_rules(state)):
        return see()
    bindings = state.list("rolebindings")
    facts = [
        msg(
            "RoleBinding {name}: {role} for {who}",
            name=one["metadata"]["name"],
            role=f"{one['roleRef']['kind']} {one['roleRef']['name']}",
            who=", ".join(f"{subject['kind']} {subject['name']}" for subject in one.get("subjects") or ()) or "-",
        )
        for one in bindings
    ]
    hint = msg("A Role alone is a sheet of paper. A RoleBinding says whose it is: which Role, which ServiceAccount?")
    return failed(msg("no Role with rules is bound to the ServiceAccount `{who}`.", who=_WHO), *facts, hint=hint)


def _is_enough(state: State) -> Seen | Verdict:
    rules = list(_bound_rules(state))
    for right in _NEEDED:
        if any(_allows(rule, *right) for rule in rules):
            continue
        verb, group, resource = right
        where = msg("its API group is {group}", group=group) if group else msg("its API group has no name: \"\"")
        hint = msg("A rule has apiGroups, resources and verbs; for {resource}, {where}.", resource=resource, where=where)
        if "/" in resource:
            hint = msg("Each door has a right of its own: `{resource}` is another resource than `{whole}`.",
                       resource=resource, whole=resource.partition("/")[0])  # fmt: skip
        return failed(msg("`{who}` may not: {right}.", who=_WHO, right=_said(*right)), hint=hint)
    return see(msg("may: {rights}", rights=", ".join(_said(*right) for right in _NEEDED)))


def _is_no_more(state: State) -> Seen | Verdict:
    rules = list(_bound_rules(state))
    more = [_said(*right) for right in _TOO_MUCH if any(_allows(rule, *right) for rule in rules)]
    if more:
        hint = msg("Whoever breaks into this program has all its rights. Which of them does its work not need?")
        return failed(msg("`{who}` may do more than its work needs.", who=_WHO),
                      msg("for example: {rights}", rights=", ".join(more[:4])), hint=hint)  # fmt: skip
    return see(msg("may not: delete Pods, run commands in them, read Secrets, change wishes"))


def _role(*rules: str, subject: str = _WHO) -> str:
    """A cell's source: a Role with these rules, bound."""
    head = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reporter}\nrules:\n'
    lines = "".join(f"- {rule}\n" for rule in rules)
    return f't.apply("""\n{head}{lines}""")\n{_bind(subject)}'


def _bind(subject: str) -> str:
    return f't.kubectl(f"create rolebinding reporter --role=reporter --serviceaccount={{t.namespace}}:{subject}")'


_PODS = '{apiGroups: [""], resources: [pods], verbs: [get, list]}'
_CLUSTERS = "{apiGroups: [tutor.example], resources: [etcdclusters], verbs: [get, list]}"
_STATUS = "{apiGroups: [tutor.example], resources: [etcdclusters/status], verbs: [patch]}"

EXERCISE = Exercise(
    id="operators-5",
    title=msg("Rights, just enough"),
    task=msg(
        "A small program, ServiceAccount `{who}`, looks at Pods and EtcdClusters (get, list) and writes reports (patch "
        "`etcdclusters/status`). Give it these rights in this namespace, and no others, with a Role and a RoleBinding that are "
        "called `{who}`, too.",
        who=_WHO,
    ),
    checks=(_is_bound, _is_enough, _is_no_more),
    solved=msg("as much as its work needs, and nothing more."),
    hints=(
        msg("Two objects: a Role with rules, and a RoleBinding that names the Role and the ServiceAccount."),
        msg("Three rules: one for Pods, one for EtcdClusters, and one for the door of their reports."),
        msg("`kubectl create rolebinding NAME --role=ROLE --serviceaccount=NAMESPACE:ACCOUNT` makes the second object."),
    ),
    solution=_role(_PODS, _CLUSTERS, _STATUS),
    alternative="""rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
         {"apiGroups": ["tutor.example"], "resources": ["etcdclusters"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": ["tutor.example"], "resources": ["etcdclusters/status"], "verbs": ["get", "patch"]}]
rbac = "rbac.authorization.k8s.io"
t.apply([{"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "reporter"}, "rules": rules},
         {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "reporter"},
          "subjects": [{"kind": "ServiceAccount", "name": "reporter", "namespace": t.namespace}],
          "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reporter"}}])""",
    mistakes=(
        Mistake(
            name="everything",
            cell=_role('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'),
            says="more than its work needs",
        ),
        Mistake(
            name="the door of reports is forgotten",
            cell=_role(_PODS, "{apiGroups: [tutor.example], resources: [etcdclusters], verbs: [get, list, patch]}"),
            says="Each door has a right of its own",
        ),
        Mistake(
            name="the wrong group",
            cell=_role('{apiGroups: [""], resources: [pods, etcdclusters, etcdclusters/status], verbs: [get, list, patch]}'),
            says="its API group is tutor.example",
        ),
        Mistake(
            name="somebody else's",
            cell=_role(_PODS, _CLUSTERS, _STATUS, subject="default"),
            says="no Role with rules is bound",
        ),
        Mistake(
            name="a ready-made one",
            cell='t.kubectl(f"create rolebinding reporter --clusterrole=edit --serviceaccount={t.namespace}:reporter")',
            says="bound to the ClusterRole",
        ),
        Mistake(
            name="wishes, too",
            cell=_role(_PODS, "{apiGroups: [tutor.example], resources: [etcdclusters, etcdclusters/status], "
                       "verbs: [get, list, patch]}"),
            says="for example: patch etcdclusters",
        ),
    ),
    start=_START,
    first_step=msg("What a Role looks like is a few cells above; the rules are yours."),
    objects=("serviceaccount/reporter", "role/reporter", "rolebinding/reporter"),
    looks_at=("roles", "rolebindings"),
)  # fmt: skip
