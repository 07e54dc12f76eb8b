"""The simple part of kubectl's JSONPath: fields, indexes, `[*]`, text around it.

See kubernetes.io/docs/reference/kubectl/jsonpath. No filters, ranges or functions: those raise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from k8s_tutor.kubectl.errors import KubectlError, unsupported
from k8s_tutor.objects.types import Json

__all__ = ["evaluate"]

_STEP = re.compile(
    r"\.(?P<field>(?:\\.|[^.\[\]{}\\'\"\s()@?])+)"  # .metadata, .annotations.example\.com/x
    r"|\[(?P<index>-?\d+)\]"
    r"|(?:\.?\[\*\]|\.\*)(?P<all>)"
    r"|\[(?P<quote>['\"])(?P<key>.*?)(?P=quote)\]"
)


def evaluate(template: str, value: Json) -> str:
    """The text a template makes of a value; a missing field gives nothing, as in kubectl.

    >>> evaluate("{.items[*].name}", {"items": [{"name": "a"}, {"name": "b"}]})
    'a b'

    Raises:
        KubectlError: a bracket is not closed, or the template needs the real kubectl.
    """
    if "{" not in template:
        template = "{" + (template if template.startswith((".", "[", "$")) else f".{template}") + "}"
    out: list[str] = []
    rest = template
    while rest:
        text, brace, rest = rest.partition("{")
        out.append(text)
        if brace:
            inner, closed, rest = rest.partition("}")
            if not closed:
                raise KubectlError(f"error: error parsing jsonpath {template}, unclosed action")
            out.append(_action(inner.strip(), value))
    return "".join(out)


def _action(inner: str, value: Json) -> str:
    if inner[:1] in "\"'":
        return str(json.loads('"' + inner[1:-1] + '"'))
    if inner.startswith(("range", "end")) or "?(" in inner or ".." in inner:
        raise unsupported("JSONPath with range, filters or `..`")
    return " ".join(_text(found) for found in _walk(inner.removeprefix("$"), value))


def _walk(path: str, value: Json) -> Iterator[Json]:
    if not path or path == ".":
        yield value
        return
    step = _STEP.match(path)
    if step is None:
        raise KubectlError(f"error: error parsing jsonpath {{{path}}}", next_step="For example {.status.podIP}.")
    rest = path[step.end() :]
    for child in _children(step, value):
        yield from _walk(rest, child)


def _children(step: re.Match[str], value: Json) -> Iterator[Json]:
    if step["all"] is not None:
        yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    elif step["index"] is not None:
        index = int(step["index"])
        if isinstance(value, list):
            if not -len(value) <= index < len(value):
                raise KubectlError(
                    f"error: error executing jsonpath: array index out of bounds: index {index}, length {len(value)}"
                )
            yield value[index]
    else:
        name = re.sub(r"\\(.)", r"\1", step["field"]) if step["field"] is not None else step["key"]
        if isinstance(value, dict) and name in value:
            yield value[name]


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
