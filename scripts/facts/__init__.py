"""What is read off a Kubernetes release and kept in the package as data: facts only, none of the prose.

    kinds.py     discovery.json, schema.json, columns.json   off a running API server
    rbac.py      rbac.json                                   off a fresh kind cluster
    protobuf.py  protobuf.json                               off the Go modules of the release
    wire.py      wire.json                                   the same

Each is run from the root of a checkout (`python -m scripts.facts.kinds …`) and says in its docstring how.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["OBJECTS", "SERVER"]

_PACKAGE = Path(__file__).resolve().parents[2] / "k8s_tutor"
OBJECTS = _PACKAGE / "objects" / "facts"
"""Facts for everybody: kinds, types, columns, protobuf."""
SERVER = _PACKAGE / "embedded" / "apiserver" / "facts"
"""Facts for the embedded API server alone."""
