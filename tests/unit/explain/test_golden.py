"""What is said, word for word: `python -m tests.unit.explain.test_golden` writes it anew, to be read before kept."""

from __future__ import annotations

from pathlib import Path

from k8s_tutor.explain import explain
from k8s_tutor.observe.snapshot import Snapshot
from tests.unit.explain.made import CAUSES, broken_cluster

GOLDEN = Path(__file__).parent / "golden.txt"


def said() -> str:
    """Each cause of the cluster, in words."""
    snapshot = Snapshot(broken_cluster())
    told = [
        f"## {cause.name}\n\n{explain(snapshot, cause.ref, cause.other, namespace=f'case-{number}')}\n"
        for number, cause in enumerate(CAUSES)
        if cause.act is None
    ]
    return "\n".join(told)


def test_explanations_read_as_they_were_read_before() -> None:
    assert said() == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text(said(), encoding="utf-8", newline="\n")
