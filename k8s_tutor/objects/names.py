"""What Kubernetes accepts as a name, a label key or a label value, and how it says no.

Each function returns the problems in Kubernetes' words, none when the text is valid.
Source: the answers of a real API server (1.37) to invalid names, and
kubernetes.io/docs/concepts/overview/working-with-objects/names.
"""

from __future__ import annotations

import re

__all__ = ["dns1035_label", "dns1123_label", "dns1123_subdomain", "label_value", "qualified_name"]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_NAME})?"

_LABEL_RE, _SUBDOMAIN_RE, _LABEL_1035_RE, _NAME_RE, _VALUE_RE = (
    re.compile(pattern) for pattern in (_LABEL, _SUBDOMAIN, _LABEL_1035, _NAME, _VALUE)
)

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    f"'{_LABEL_1035}')"
)
_NAME_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_VALUE}')"
)


def dns1123_label(text: str) -> list[str]:
    """Names of namespaces and containers."""
    if len(text) > 63:
        return ["must be no more than 63 characters"]
    if _LABEL_RE.fullmatch(text):
        return []
    return ["must not contain dots"] if _SUBDOMAIN_RE.fullmatch(text) else [_LABEL_WORDS]


def dns1123_subdomain(text: str) -> list[str]:
    """Names of most objects."""
    if len(text) > 253:
        return ["must be no more than 253 characters"]
    return [] if _SUBDOMAIN_RE.fullmatch(text) else [_SUBDOMAIN_WORDS]


def dns1035_label(text: str) -> list[str]:
    """Names that become DNS labels of the old kind, such as those of CRD plurals."""
    if len(text) > 63:
        return ["must be no more than 63 characters"]
    return [] if _LABEL_1035_RE.fullmatch(text) else [_LABEL_1035_WORDS]


def label_value(text: str) -> list[str]:
    """Values of labels."""
    if len(text.encode()) > 63:
        return ["must be no more than 63 bytes"]
    return [] if _VALUE_RE.fullmatch(text) else [_VALUE_WORDS]


def qualified_name(text: str) -> list[str]:
    """Keys of labels and annotations: `app`, `example.com/app`."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return [
            "a valid label key "
            + _NAME_WORDS
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        problems += [f"prefix part {problem}" for problem in dns1123_subdomain(prefix)]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode()) > 63:
        return [*problems, "name part must be no more than 63 bytes"]
    if not _NAME_RE.fullmatch(name):
        problems.append("name part " + _NAME_WORDS)
    return problems
