"""Snapshots that something is wrong with: fields missing, null, of another type."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from k8s_tutor.objects.types import Obj

ODD: tuple[Any, ...] = (None, "", "x", 0, -1, 3, True, [], {}, [None], ["x"], {"a": None}, "12345678901234567890")


@st.composite
def mutilated(draw: st.DrawFn, objects: tuple[Obj, ...]) -> list[Obj]:
    """The objects with some fields gone or replaced, but for what says who they are."""
    made = copy.deepcopy(list(objects))
    for _ in range(draw(st.integers(1, 8))):
        parent: Any = draw(st.sampled_from(made))
        key: Any = draw(st.sampled_from([name for name in parent if name != "kind"] or ["spec"]))
        while isinstance(below := _below(parent, key), dict | list) and below and draw(st.integers(0, 5)):
            parent, key = below, draw(st.sampled_from(list(below) if isinstance(below, dict) else range(len(below))))
        odd = copy.deepcopy(draw(st.sampled_from((*ODD, "gone"))))
        if parent in made and key in ("metadata", "apiVersion"):
            continue
        if odd == "gone" and isinstance(parent, dict):
            parent.pop(key, None)
        else:
            parent[key] = odd
    return made


def _below(parent: Any, key: Any) -> Any:
    return parent.get(key) if isinstance(parent, dict) else parent[key]
