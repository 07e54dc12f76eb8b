"""What form a client wants its answer in, from the Accept header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from k8s_tutor.embedded.apiserver import errors

__all__ = ["Form", "Wanted", "wanted"]

_JSON = ("application/json", "*/*")
_YAML = "application/yaml"
_OFFERED = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_STREAMS = ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


class Form(Enum):
    """The shape of an answer."""

    OBJECT = auto()
    TABLE = auto()
    METADATA = auto()
    METADATA_LIST = auto()


@dataclass(frozen=True, slots=True)
class _Clause:
    media: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return next((value for key, value in self.parameters if key == name), "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to see: a form, and for all but plain objects the version of `meta.k8s.io` it is in."""

    form: Form = Form.OBJECT
    version: str = "v1"


@lru_cache(maxsize=256)
def wanted(accept: str, *, streams: bool = False, watch: bool = False) -> Wanted:
    """The first form in the header that the server has.

    Args:
        accept: The header.
        streams: Whether the place can be watched.
        watch: Whether it is being watched: event by event in JSON.

    Raises:
        StatusError: 406 when there is none.
    """
    if not accept:
        return Wanted()
    known = False
    for clause in map(_parse, accept.split(",")):
        if clause.media not in (*_JSON, _YAML):
            continue
        known = True
        if not (watch and clause.media == _YAML) and (found := _wanted(clause)):
            return found
    if known:
        offered = _STREAMS.removeprefix(", ") if watch else _OFFERED
        raise errors.not_acceptable(f"only the following media types are accepted: {offered}")
    offered = f"{_OFFERED}{_STREAMS if streams else ''}"
    raise errors.not_acceptable(f"406: Not Acceptable\n\nAvailable representations: {offered}")


def _parse(text: str) -> _Clause:
    media, *parameters = text.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return _Clause(media.strip().lower(), tuple((key.strip(), value.strip()) for key, _, value in pairs))


def _wanted(clause: _Clause) -> Wanted | None:
    kind, group, version = clause.get("as"), clause.get("g"), clause.get("v")
    if not kind:
        return Wanted()
    form = _FORMS.get(kind)
    if form is None or group != "meta.k8s.io" or version not in ("v1", "v1beta1"):
        return None
    return Wanted(form, version)


_FORMS = {
    "Table": Form.TABLE,
    "PartialObjectMetadata": Form.METADATA,
    "PartialObjectMetadataList": Form.METADATA_LIST,
}
