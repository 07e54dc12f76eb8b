"""What two clusters' answers have in common once names, times and numbers that must differ are taken out."""

from __future__ import annotations

import json
import re
from typing import Any

_PATTERNS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"kube-api-access-\w{5}", "kube-api-access-SUFFIX"),
    (r'"generated-\w{5}"', '"generated-SUFFIX"'),
    (r'resourceVersion(\\*)": (\\*)"\d+', r'resourceVersion\1": \2"VERSION'),
    (r'"(clusterIP": |clusterIPs": \[)"10\.96\.[\d.]+"', r'"\1"ADDRESS"'),
    (r'"(nodePort|healthCheckNodePort)": 3\d{4}', r'"\1": 30000'),
)


def likeness(answer: Any, namespace: str) -> Any:
    """The answer with everything that differs from run to run replaced; causes of errors in one order."""
    text = json.dumps(answer, sort_keys=True).replace(namespace, "NAMESPACE")
    for pattern, word in _PATTERNS:
        text = re.sub(pattern, word, text)
    seen = json.loads(text)
    if isinstance(seen, dict) and seen.get("kind") == "Status" and "causes" in seen.get("details", {}):
        seen["details"]["causes"].sort(key=lambda cause: (cause.get("field", ""), cause.get("message", "")))
        seen.pop("message")  # the causes in the order the server met them; each is compared by itself
    return seen
