"""A terminal's text with everything that must differ from cluster to cluster replaced by a word for it."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["likeness"]

_CONSONANTS = "[bcdfghjklmnpqrstvwxz2456789]"
# 5s, 2m3s, 47m, 2d3h, 326d; what looks like it after "cpu" is a quantity
_AGE = r"(?:\d+y\d*d?|\d+d(?:\d+h)?|\d+h(?:\d+m)?|(?:\d+m)?\d+(?:\.\d+)?s|\d+(?:\.\d+)?ms|\d+m)"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), by)
    for pattern, by in (
        (r"\x1b\[[0-9;]*m", ""),
        (r"\r", ""),
        (r"https://127\.0\.0\.1:\d+", "https://SERVER"),
        (r"127\.0\.0\.1:\d{4,5}\b(?! ->)", "127.0.0.1:PORT"),
        (r"\[::1\]:\d+ -> ", "[::1]:PORT -> "),
        (r"127\.0\.0\.1:\d+ -> ", "127.0.0.1:PORT -> "),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
        (r"\beyJ[\w.-]{40,}", "TOKEN"),
        (r"\b(containerd|sha256)://?[0-9a-f]{64}", r"\1://ID"),
        (r"@sha256:[0-9a-f]{64}", "@DIGEST"),
        (r"\bsha256:[0-9a-f]{64}", "DIGEST"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 UTC)?", "TIME"),
        (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
        (r"\b[\w-]*-(?:control-plane|worker\d*)\b", "NODE"),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b(?<!127\.0\.0\.1)(?<!0\.0\.0\.0)", "IP"),
        (rf"(-[0-9a-z]{{7,10}})?-{_CONSONANTS}{{5}}\b", lambda m: ("-HASH" if m[1] else "") + "-SUFFIX"),
        (rf"\b(\w[\w-]*)-(?=\w*\d){_CONSONANTS}{{8,10}}\b", r"\1-HASH"),
        (rf"(pod-template-hash|controller-revision-hash)([=:] ?\"?)(?:[\w-]+-)?{_CONSONANTS}{{6,10}}\b", r"\1\2HASH"),
        (r"(hash: )\"HASH\"", r"\1HASH"),  # quoted where it looks like a number
        (r"((?i:node ?port)\S*:? +(?:\S+ +)?|\d:)3[0-2]\d{3}\b", r"\1NODEPORT"),
        (r"(imageID: |Image ID:\s+).*", r"\1IMAGE"),
        (r"(resourceVersion[\\\"]*: ?[\\\"]*|Resource Version:\s+)\d+", r"\1VERSION"),
        (r"\.[0-9a-f]{16}\b", ".ID"),
        (r"\b[0-9a-f]{64}\b", "ID"),
        (r"(?<=\s)\d+m(?=\s+\d+(?:%|Mi))", "CORES"),
        (r"\(x\d+ over [\dydhms]+\)", ""),
        (r"<invalid>", "AGE"),
        (rf"(cpu[\":\s]+)?(?<![\w.=:/-]){_AGE}(?![\w/])", lambda m: m[0] if m[1] else "AGE"),
        (r"(?<=\S)[ \t]{2,}", "   "),  # columns are as wide as what stands in them
        (r"[ \t]+$", ""),
    )
)


def likeness(text: str, namespace: str) -> str:
    """What `text` has in common on all clusters; `namespace` is the one it was played in."""
    text = text.replace(namespace, "NAMESPACE")
    for pattern, by in _RULES:
        text = pattern.sub(by, text)
    return text.strip("\n")
