"""kubectl's JSONPath templates: paths in braces, text around them, `{"\\n"}`. No ranges: those raise.

See kubernetes.io/docs/reference/kubectl/jsonpath; the paths themselves are read by `objects.jsonpath`.
"""

from __future__ import annotations

import json

from k8s_tutor.kubectl.errors import KubectlError, unsupported
from k8s_tutor.objects.jsonpath import JsonPathError, find, show
from k8s_tutor.objects.types import Json

__all__ = ["evaluate"]


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
    if inner.startswith(("range", "end")):
        raise unsupported("JSONPath with range")
    try:
        return " ".join(show(found) for found in find(inner, value))
    except JsonPathError as error:
        raise KubectlError(
            f"error: error parsing jsonpath {{{inner}}}, {error}", next_step="For example {.status.podIP}."
        ) from error
