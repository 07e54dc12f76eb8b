"""A session in the name of a ServiceAccount, on both clusters: it may what the account may, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.session import Session
from tests.behaviour.identities import asked_for, soon

if TYPE_CHECKING:
    from k8s_tutor.session.cluster_session import ClusterSession
    from tests.behaviour.conftest import Environment

MAY_LIST_PODS = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: looks}
rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: looks}
subjects: [{kind: ServiceAccount, name: default}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looks}
"""


def sign_in(env: Environment, token: str) -> ClusterSession:
    session = Session(env.cluster)
    session.namespace = session.client.namespace = env.namespace
    return session.sign_in(token)


def refused(robot: ClusterSession, kind: str) -> str:
    with pytest.raises(StatusError) as caught:
        robot.objects(kind)
    return caught.value.what


def may_list_pods(robot: ClusterSession) -> bool:
    try:
        robot.objects("pods")
    except StatusError:
        return False
    return True


def test_an_account_without_rights_is_refused_in_its_own_name(env: Environment) -> None:
    robot = sign_in(env, asked_for(env)["status"]["token"])
    who, where = f"system:serviceaccount:{env.namespace}:default", f'in the namespace "{env.namespace}"'
    assert robot.namespace == env.namespace
    assert refused(robot, "pods") == (
        f'pods is forbidden: User "{who}" cannot list resource "pods" in API group "" {where}'
    )


def test_it_may_what_a_role_bound_to_it_says_and_no_more(env: Environment) -> None:
    robot = sign_in(env, asked_for(env)["status"]["token"])
    env.apply(MAY_LIST_PODS)
    soon(lambda: may_list_pods(robot), wanted=True)
    assert "cannot list resource" in refused(robot, "secrets")


def test_a_letter_that_nobody_signed_opens_no_door(env: Environment) -> None:
    assert refused(sign_in(env, "nonsense"), "pods") == "Unauthorized"
