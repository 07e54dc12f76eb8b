"""What form a client wants its answer in, from the Accept header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from k8s_tutor.embedded.apiserver import errors

__all__ = ["Form", "wanted"]

_JSON = ("application/json", "application/*", "*/*")
_YAML = "application/yaml"
_NOT_ACCEPTABLE = (
    "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
    "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
    "application/vnd.kubernetes.protobuf;stream=watch"
)
_ONLY_ACCEPTED = (
    "only the following media types are accepted: application/json, application/yaml, "
    "application/vnd.kubernetes.protobuf"
)


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


@lru_cache(maxsize=256)
def wanted(accept: str) -> Form:
    """The first form in the header that the server has.

    Raises:
        StatusError: 406 when there is none.
    """
    if not accept:
        return Form.OBJECT
    known = False
    for clause in map(_parse, accept.split(",")):
        if clause.media not in (*_JSON, _YAML):
            continue
        known = True
        if form := _form(clause):
            return form
    raise errors.not_acceptable(_ONLY_ACCEPTED if known else _NOT_ACCEPTABLE)


def _parse(text: str) -> _Clause:
    media, *parameters = text.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return _Clause(media.strip().lower(), tuple((key.strip(), value.strip()) for key, _, value in pairs))


def _form(clause: _Clause) -> Form | None:
    kind, group, version = clause.get("as"), clause.get("g"), clause.get("v")
    if not kind:
        return Form.OBJECT
    if group != "meta.k8s.io" or version not in ("v1", "v1beta1"):
        return None
    return {
        "Table": Form.TABLE,
        "PartialObjectMetadata": Form.METADATA,
        "PartialObjectMetadataList": Form.METADATA_LIST,
    }.get(kind)
