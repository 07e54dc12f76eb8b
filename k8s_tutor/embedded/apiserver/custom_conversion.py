"""Objects of a custom kind from the version they are stored in to the one that is asked for, and back.

What is read is what the stored version's schema makes of it today: fields it does not know are gone, defaults it has
since are there. With the strategy None the fields stay, and each version shows those that its own schema knows; with
the strategy Webhook a server outside converts (`registration.py`). It is asked when an object is written, for all
versions at once, so that watches, which cannot wait, know the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver.structural_pruning import fill_defaults, prune_value
from k8s_tutor.objects.types import Obj

__all__ = ["Conversion", "Converter", "schema_in"]

Converter = Callable[[Obj, str], Obj]
"""Asks somebody else: an object, the apiVersion wanted → the object in it."""

_ANYTHING: Obj = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_TOP = ("apiVersion", "kind", "metadata")
_MOST = 20_000  # objects remembered as they are seen


def schema_in(spec: Obj, version: Obj) -> Obj:
    """A version's schema as objects are read by it."""
    schema: Obj = (version.get("schema") or {}).get("openAPIV3Schema") or _ANYTHING
    return _keeping(schema) if spec.get("preserveUnknownFields") else schema


def _keeping(schema: Obj) -> Obj:
    """A schema that drops nothing, at any depth; it judges as before."""
    made: Obj = {**schema, "x-kubernetes-preserve-unknown-fields": True}
    if properties := schema.get("properties"):
        made["properties"] = {key: _keeping(inner) for key, inner in properties.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = _keeping(schema[key])
    return made


class Conversion:
    """One definition's way between its versions.

    Args:
        definition: The definition.
        since: The revision its versions are so since; objects written later need no second look.
        converter: Who converts, when the strategy is not None.

    Attributes:
        outside: Somebody else converts, which takes time.
    """

    def __init__(self, definition: Obj, since: int = 0, converter: Converter | None = None) -> None:
        spec = definition["spec"]
        self.outside = converter is not None
        self._group: str = spec["group"]
        self._schemas = {row["name"]: schema_in(spec, row) for row in spec["versions"]}
        self._version_names = [row["name"] for row in spec["versions"] if row["served"]]
        self._storage: str = next(row["name"] for row in spec["versions"] if row["storage"])
        self._since = since
        self._converter = converter
        self._views: dict[tuple[str, str, str], tuple[Obj | None, Obj]] = {}
        self._answers: dict[tuple[str, str], tuple[str, Obj]] = {}

    def seen(self, version: str, obj: Obj, ask: bool = True) -> Obj:
        """A stored object as a client of a version sees it; one of that version is left as it is.

        Args:
            version: Its name.
            obj: The object.
            ask: The webhook may be asked, if nothing is known yet.

        Raises:
            StatusError: 500: the webhook did not convert it.
        """
        metadata = obj["metadata"]
        written = obj["apiVersion"].rpartition("/")[2]
        revision = metadata.get("resourceVersion") or "0"
        fresh = int(revision) > self._since or revision == "0"
        if written == version and (fresh or version != self._storage):
            return obj
        key = (metadata.get("uid", ""), revision, version)
        source, found = self._views.get(key, (None, obj))
        if source is not obj:  # one that is being changed has the revision of the one it was
            if len(self._views) >= _MOST:
                self._views.clear()
            found = self._converted(obj if fresh else self._today(obj, written), version, ask=ask)
            self._views[key] = (obj, found)
        return found

    def stored(self, obj: Obj) -> Obj:
        """An object in the version that is stored.

        Raises:
            StatusError: 500: the webhook did not convert it.
        """
        written = obj["apiVersion"].rpartition("/")[2]
        ready = obj if written == self._storage else self._today(self._converted(obj, self._storage), self._storage)
        if self.outside:
            self._ask_ahead(ready)
        return ready

    def _ask_ahead(self, obj: Obj) -> None:
        """Learns what the other versions look like. A failure is told to whoever asks for one of them."""
        for version in self._version_names:
            try:
                self._converted(obj, version)
            except StatusError:
                return

    def _today(self, obj: Obj, version: str) -> Obj:
        """What a version's schema of today makes of an object."""
        schema = self._schemas.get(version, _ANYTHING)
        pruned = self._pruned(obj, schema)
        fill_defaults(pruned, {key: value for key, value in schema.items() if key != "default"})
        return pruned

    def _converted(self, obj: Obj, version: str, *, ask: bool = True) -> Obj:
        wanted = f"{self._group}/{version}"
        if obj["apiVersion"] == wanted:
            return obj
        if self._converter is not None:
            return self._asked(self._converter, obj, wanted, ask=ask)
        return {**self._pruned(obj, self._schemas.get(version, _ANYTHING)), "apiVersion": wanted}

    def _asked(self, converter: Converter, obj: Obj, wanted: str, *, ask: bool) -> Obj:
        """The webhook's answer, asked once for what it may look at: all but the server's own metadata."""
        metadata = obj["metadata"]
        visible = {**obj, "metadata": {key: metadata.get(key) for key in ("labels", "annotations")}}
        content = json.dumps(visible, sort_keys=True)
        known, answer = self._answers.get((metadata.get("uid", ""), wanted), ("", obj))
        if known != content and not ask:
            words = f"conversion webhook for {obj['apiVersion']}, Kind={obj['kind']} failed when the object was written"
            raise StatusError(failure(500, "InternalError", words))
        if known != content:
            answer = self._today(converter(obj, wanted), wanted.rpartition("/")[2])
            if len(self._answers) >= _MOST:
                self._answers.clear()
            self._answers[(metadata.get("uid", ""), wanted)] = (content, answer)
        changed = {key: answer["metadata"][key] for key in ("labels", "annotations") if key in answer["metadata"]}
        kept = {key: value for key, value in metadata.items() if key not in ("labels", "annotations")}
        return {**answer, "metadata": {**kept, **changed}}

    def _pruned(self, obj: Obj, schema: Obj) -> Obj:
        body = prune_value({key: value for key, value in obj.items() if key not in _TOP}, schema)
        return {**{key: obj[key] for key in _TOP}, **body}
