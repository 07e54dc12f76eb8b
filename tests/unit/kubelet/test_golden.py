"""A pod's states and events on the embedded cluster are those recorded on a real three-node kind cluster (1.37.2).

`golden/*.yaml` holds, for each manifest, the distinct states that the real API server's watch showed, in order (ten
at most), and all distinct events. Recorded without a reachable registry: there only the words of the failed pull were
changed to those of a registry that answers. Left out: events that came of a race at the pod's end.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("essence", HERE / "essence.py")
assert SPEC is not None
assert SPEC.loader is not None
essence = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(essence)

CASES = sorted((HERE / "golden").glob("*.yaml"))
CATALOGUE = " (the embedded cluster's image catalogue holds "


def lived(cluster: Any, manifest: dict[str, Any], wanted: int) -> tuple[list[str], list[str]]:
    """Creates the pod, lets it live (and, where its name says so, deletes it); its states and events."""
    pods, events = cluster.record("pods"), cluster.record("events")
    cluster.create(manifest)
    if manifest["metadata"]["name"].startswith("delete-"):
        cluster.advance(11)
        cluster.delete(manifest["metadata"]["name"])
    cluster.advance(105)
    for _ in range(6):  # a retry after an error comes after 10 to 15 s, as the seed has it
        if len(essence.states(pods)) < wanted:
            cluster.advance(5)
    return essence.states(pods), essence.event_lines(events)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_pod_lives_as_on_a_real_node(cluster, path):
    golden = yaml.safe_load(path.read_text(encoding="utf-8"))

    states, events = lived(cluster, golden["manifest"], len(golden["states"]))

    assert states[: len(golden["states"])] == golden["states"]
    assert {line.partition(CATALOGUE)[0] for line in events} == set(golden["events"])
