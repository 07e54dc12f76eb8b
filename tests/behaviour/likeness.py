"""What two clusters' answers have in common once names, times and numbers that must differ are taken out."""

from __future__ import annotations

import json
import re
from typing import Any

_PATTERNS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r'"(continue)": "[\w-]{20,}"', r'"\1": "TOKEN"'),
    (r"current: \d+", "current: VERSION"),
    (r"kube-api-access-\w{5}", "kube-api-access-SUFFIX"),
    (r"record \(\d+\)", "record (VERSION)"),
    (r'"generated-\w{5}(\\*)"', r'"generated-SUFFIX\1"'),
    (r'resourceVersion(\\*)": (\\*)"\d+', r'resourceVersion\1": \2"VERSION'),
    (r'"(clusterIP": |clusterIPs": \[)"10\.96\.[\d.]+"', r'"\1"ADDRESS"'),
    (r'"(nodePort|healthCheckNodePort)": 3\d{4}', r'"\1": 30000'),
)


def filled(case: dict[str, Any], kept: dict[str, str]) -> dict[str, Any]:
    """A case with the values that earlier answers gave."""
    text = json.dumps({key: case[key] for key in ("do", "body", "text") if key in case})
    for name, value in kept.items():
        text = text.replace(f"<{name}>", value)
    found: dict[str, Any] = case | json.loads(text)
    return found


def values(case: dict[str, Any], answer: Any) -> dict[str, str]:
    """What a case wants to keep of its answer."""
    found = {}
    for name, path in case.get("keep", {}).items():
        value = answer
        for key in path.split("."):
            value = value[key]
        found[name] = str(value)
    return found


def brief(answer: Any) -> Any:
    """Of a list the names, of a Table the cells: what a question about lists is about."""
    if not isinstance(answer, dict):
        return answer
    if answer.get("kind") == "Status":  # the patched object as it would be, whose fields come in Go's order
        return json.loads(re.sub(r'Invalid value: (\\")\{.*?\}\1: ', "Invalid value: PATCHED: ", json.dumps(answer)))
    if answer.get("kind") == "Table":
        columns = [column["name"] for column in answer["columnDefinitions"]]
        rows = [[*row["cells"][:1], _sort(row.get("object"))] for row in answer["rows"]]
        return {**{key: answer[key] for key in ("kind", "apiVersion", "metadata")}, "columns": columns, "rows": rows}
    if isinstance(answer.get("items"), list):
        return answer | {"items": [[item["metadata"]["name"], _sort(item)] for item in answer["items"]]}
    return answer


def unowned(answer: Any) -> Any:
    """An object without its managedFields, whose order depends on the second in which each was written."""
    if not isinstance(answer, dict) or "managedFields" not in answer.get("metadata", {}):
        return answer
    metadata = {key: value for key, value in answer["metadata"].items() if key != "managedFields"}
    return answer | {"metadata": metadata}


def _sort(obj: Any) -> Any:
    return None if obj is None else f"{obj.get('apiVersion', '')}/{obj.get('kind', '')} with {' '.join(sorted(obj))}"


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
