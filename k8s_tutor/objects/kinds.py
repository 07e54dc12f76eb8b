"""The kinds a Kubernetes API server serves, as its discovery says it: names, scope, verbs, subresources.

The built-in kinds come from `facts/discovery.json`, read off a real API server (see `scripts/facts/kinds.py`).
Custom kinds are added to a table of one's own with `KindTable.with_kinds`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

__all__ = ["Kind", "KindTable", "Subresource", "builtin_kinds"]


@dataclass(frozen=True, slots=True)
class Subresource:
    """A subresource such as `status` or `log`: its name, the kind it answers with, its verbs."""

    name: str
    group: str
    version: str
    kind: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One served kind in one version.

    Attributes:
        group: API group, `""` for core.
        version: `v1`, `v1beta1`, …
        kind: `Pod`.
        plural: The resource name in paths, `pods`.
        singular: `pod`.
        namespaced: False for cluster-scoped kinds.
        short_names: `("po",)`.
        categories: `("all",)`.
        verbs: `("create", "delete", …)`.
        subresources: In discovery's order.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()

    @property
    def api_version(self) -> str:
        """As in a manifest: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """As in error messages: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def root(self) -> str:
        """The path of the group and version: `/api/v1`, `/apis/apps/v1`."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection or of one object; an empty namespace means all, or cluster scope."""
        parts = [self.root]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/".join(parts)


class KindTable:
    """Kinds by every name people use for them: `Pod`, `pods`, `po`, `deployment.apps`, `deployments.v1.apps`.

    The order of the kinds is discovery's, which decides between two kinds of one name (`events`).
    """

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = tuple(kinds)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds)

    def with_kinds(self, kinds: Iterable[Kind]) -> KindTable:
        """A new table with `kinds` after those of this one."""
        return KindTable((*self._kinds, *kinds))

    def of(self, api_version: str, kind: str) -> Kind | None:
        """The kind named by an object's `apiVersion` and `kind`."""
        return self._by_gvk.get((api_version, kind))

    def resource(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind behind a path."""
        return self._by_resource.get((group, version, plural))

    def find(self, word: str) -> Kind | None:
        """The kind that a person's word means, as kubectl understands it; upper and lower case do not matter."""
        name, _, group = word.lower().partition(".")
        matches = self._by_word.get(name, [])
        if not group:
            return matches[0] if matches else None
        for kind in matches:
            if group in (kind.group, f"{kind.version}.{kind.group}".rstrip(".")):
                return kind
        return None

    def words(self) -> list[str]:
        """Every word `find` knows, for "did you mean"."""
        return list(self._by_word)

    @cached_property
    def _by_gvk(self) -> dict[tuple[str, str], Kind]:
        return {(kind.api_version, kind.kind): kind for kind in self._kinds}

    @cached_property
    def _by_resource(self) -> dict[tuple[str, str, str], Kind]:
        return {(kind.group, kind.version, kind.plural): kind for kind in self._kinds}

    @cached_property
    def _by_word(self) -> dict[str, list[Kind]]:
        index: dict[str, list[Kind]] = {}
        for kind in self._kinds:
            for word in dict.fromkeys((kind.kind.lower(), kind.plural, kind.singular, *kind.short_names)):
                index.setdefault(word, []).append(kind)
        return index


@cache
def builtin_kinds() -> KindTable:
    """The kinds of the Kubernetes release this package tracks, in the real server's discovery order."""
    text = resources.files("k8s_tutor.objects").joinpath("facts/discovery.json").read_text(encoding="utf-8")
    return KindTable(_kind(row) for row in json.loads(text)["kinds"])


def _kind(row: dict[str, object]) -> Kind:
    subresources = row.get("subresources", [])
    assert isinstance(subresources, list)
    return Kind(
        group=str(row["group"]),
        version=str(row["version"]),
        kind=str(row["kind"]),
        plural=str(row["plural"]),
        singular=str(row["singular"]),
        namespaced=bool(row["namespaced"]),
        short_names=_strings(row.get("shortNames")),
        categories=_strings(row.get("categories")),
        verbs=_strings(row.get("verbs")),
        subresources=tuple(
            Subresource(sub["name"], sub["group"], sub["version"], sub["kind"], tuple(sub["verbs"]))
            for sub in subresources
        ),
    )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
