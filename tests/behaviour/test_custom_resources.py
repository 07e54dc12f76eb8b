"""A kind of one's own: its defaults, its columns, its status apart, and the words in which it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

GROUP = "behaviour.tutor.example"
NAME = f"teams.{GROUP}"
DEFINITION = f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {NAME}}}
spec:
  group: {GROUP}
  scope: Namespaced
  names: {{kind: Team, singular: team, plural: teams, shortNames: [tm]}}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {{status: {{}}}}
    additionalPrinterColumns:
    - {{name: Size, type: integer, jsonPath: .spec.size}}
    - {{name: Ready, type: integer, jsonPath: .status.ready}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            default: {{}}
            properties: {{size: {{type: integer, minimum: 1, maximum: 7, default: 3}}}}
          status: {{type: object, properties: {{ready: {{type: integer}}}}}}
"""


@pytest.fixture
def teams(env: Environment) -> Iterator[Environment]:
    with env.defined(DEFINITION):
        yield env


def team(**fields: object) -> Obj:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Team", "metadata": {"name": "db"}, **fields}


def test_what_is_not_said_is_filled_in_from_the_schema(teams: Environment) -> None:
    assert teams.client.create(team(), teams.namespace)["spec"] == {"size": 3}


def test_only_the_status_subresource_writes_the_status(teams: Environment) -> None:
    made = teams.client.create(team(status={"ready": 5}), teams.namespace)
    assert "status" not in made

    change = {"spec": {"size": 7}, "status": {"ready": 2}}
    patched = teams.client.patch("teams", "db", change, teams.namespace, subresource="status")
    assert (patched["spec"], patched["status"]) == ({"size": 3}, {"ready": 2})
    assert patched["metadata"]["generation"] == 1


def test_its_own_columns(teams: Environment) -> None:
    teams.client.create(team(), teams.namespace)
    before = teams.client.table("tm", teams.namespace)
    teams.client.patch("teams", "db", {"status": {"ready": 2}}, teams.namespace, subresource="status")
    after = teams.client.table("teams", teams.namespace)

    assert [column["name"] for column in before["columnDefinitions"]] == ["Name", "Size", "Ready"]
    assert before["rows"][0]["cells"] == ["db", 3, None]
    assert after["rows"][0]["cells"] == ["db", 3, 2]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"size": 0},
            "0: spec.size in body should be greater than or equal to 1",
        ),
        (
            {"size": "many"},
            '"string": spec.size in body must be of type integer: "string"',
        ),
    ],
    ids=["too small", "no number"],
)
def test_refusals(teams: Environment, spec: Obj, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        teams.client.create(team(spec=spec), teams.namespace)
    expected = f'Team.{GROUP} "db" is invalid: spec.size: Invalid value: {words}'
    assert (refused.value.code, refused.value.what) == (422, expected)


def test_with_the_definition_go_its_objects(teams: Environment) -> None:
    teams.client.create(team(), teams.namespace)

    teams.client.delete("customresourcedefinitions", NAME)
    teams.wait_gone("customresourcedefinitions", NAME)
    with pytest.raises(StatusError) as refused:
        teams.client.raw("GET", f"/apis/{GROUP}/v1/namespaces/{teams.namespace}/teams/db")
    assert refused.value.code == 404
    teams.apply(DEFINITION)  # for the fixture to take away
