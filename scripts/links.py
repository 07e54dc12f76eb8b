"""Writes the one list of links that lessons have to the outside: `python -m scripts.links` makes `docs/links.md`.

Every one leads to the project's own, official page. A test holds the list against the lessons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["LIST", "OFFICIAL", "find_links", "find_sources", "list_links", "main"]

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "docs" / "links.md"

OFFICIAL = {
    "kubernetes.io": "Kubernetes",
    "kind.sigs.k8s.io": "kind, by Kubernetes' testing group",
    "etcd.io": "etcd",
    "metallb.io": "MetalLB",
    "docs.kopf.dev": "kopf",
    "redis.io": "Redis",
    "www.cncf.io": "the Cloud Native Computing Foundation",
    "docs.docker.com": "Docker",
    "docs.podman.io": "Podman",
    "helm.sh": "Helm",
    "opencontainers.org": "the Open Container Initiative",
    "containerd.io": "containerd",
    "github.com": "the projects' own repositories",
    "research.google": "Google's own papers",
    "coreos.com": "CoreOS, who gave Operators their name",
    "docs.aws.amazon.com": "Amazon Web Services",
}
"""Hosts that lessons may lead to, and whose they are."""

_LINK = re.compile(r"\]\((https?://[^)\s]+)\)|(?<![\w(\"'/.])(https://[^\s)\"'`>,，。]+)")
_PROSE = re.compile(r"(?m)^# (.*)$")
_QUOTED = re.compile(r'"(https://[^"\s{}]+)"')
_CHINESE = re.compile(r"^(https://kubernetes\.io)/zh-cn/")


def find_links(text: str) -> Iterator[str]:
    """The addresses that a lesson's prose leads to; a page in Chinese goes by its English one."""
    for line in _PROSE.findall(text):
        for inside, bare in _LINK.findall(line):
            yield _CHINESE.sub(r"\1/", inside or bare)


def find_sources(path: Path) -> Iterator[str]:
    """The addresses that a lesson's drawings lead to: data, in quotation marks."""
    if "pictures" in path.parts or path.stem == "pictures":
        yield from _QUOTED.findall(path.read_text(encoding="utf-8"))


def list_links(lessons: Path) -> str:
    """The list as Markdown: by host, each address with the lessons that lead there."""
    found: dict[str, set[str]] = {}
    for source in sorted(lessons.rglob("*.py")):
        lesson = source.relative_to(lessons).parts[0].removesuffix(".py")
        for link in (*find_links(source.read_text(encoding="utf-8")), *find_sources(source)):
            found.setdefault(link, set()).add(lesson)
    lines = [
        "# Where lessons lead to",
        "",
        "Every link to the outside that a lesson has, each to the official page. Made by `python -m scripts.links`.",
    ]
    for host in sorted({urlsplit(link).netloc for link in found}):
        lines += ["", f"## {host}: {OFFICIAL.get(host, 'NOT OFFICIAL')}", ""]
        rows = sorted(link for link in found if urlsplit(link).netloc == host)
        lines += [f"- {link} ({', '.join(sorted(found[link]))})" for link in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the list."""
    LIST.write_text(list_links(ROOT / "lessons"), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
