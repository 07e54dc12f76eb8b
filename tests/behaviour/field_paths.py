"""Whether an object has the field that a path names: `spec.ports[0].targetPort`, `metadata.labels[example.com/a]`."""

from __future__ import annotations

import re
from typing import Any

from k8s_tutor.objects.types import Obj

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def resolves(obj: Obj, path: str) -> bool:
    """Whether it is there, and not null. Read anew here: the paths' own maker is not asked."""
    value: Any = obj
    for name, bracket in _STEP.findall(path):
        key = name or bracket
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value is not None
