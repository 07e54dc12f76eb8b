"""Message types as the compiler reads them: descriptors of protobuf, made on the fly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.apiserver.cel.types import OPAQUE, CelType, Row

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

__all__ = ["Descriptors"]

_WELL_KNOWN = {
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
    "dyn": "google.protobuf.Value",
}
_IMPORTS = ("google/protobuf/timestamp.proto", "google/protobuf/duration.proto", "google/protobuf/struct.proto")


class _File:
    """A file of descriptors, in the bytes that the compiler asks for."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.serialized_pb = file.SerializeToString()


class Descriptors:
    """Answers the compiler's questions for message types, as a descriptor pool does."""

    def __init__(self, types: Iterable[CelType]) -> None:
        from google.protobuf.descriptor_pb2 import FileDescriptorProto  # noqa: PLC0415 — with the first expression

        self._files: dict[str, _File] = {}
        self._symbols: dict[str, _File] = {}
        for package in ("kubernetes", "net"):
            file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
            names = [name for name in OPAQUE if name.startswith(f"{package}.")]
            for name in names:
                file.message_type.add(name=name.rpartition(".")[2])
            self._keep(file, names)
        messages = {name: rows for one in types for name, rows in one.messages.items()}
        file = FileDescriptorProto(name="schema.proto", syntax="proto2", dependency=_IMPORTS)
        for name, rows in messages.items():
            message = file.message_type.add(name=name)
            for number, row in enumerate(rows, 1):
                _add_field(message, row, number)
        self._keep(file, list(messages))

    def _keep(self, file: FileDescriptorProto, symbols: list[str]) -> None:
        kept = _File(file)
        self._files[file.name] = kept
        self._symbols.update(dict.fromkeys(symbols, kept))

    def FindFileByName(self, name: str) -> _File:  # noqa: N802 — protobuf's name for it
        """A file by its name; KeyError where there is none."""
        return self._files[name]

    def FindFileContainingSymbol(self, symbol: str) -> _File:  # noqa: N802
        """The file a message is in; KeyError where there is none."""
        return self._symbols[symbol]

    def FindMessageTypeByName(self, name: str) -> Any:  # noqa: N802
        """No message of ours has extensions."""
        raise KeyError(name)


def _add_field(message: DescriptorProto, row: Row, number: int) -> None:
    signature = row.type.signature
    made = message.field.add(name=row.name, number=number, label=1)
    if signature.startswith("list<"):
        inner = signature[5:-1]
        if inner.startswith(("list<", "map<")):  # protobuf has no lists of lists: checked when evaluated
            made.type, made.type_name = 11, ".google.protobuf.ListValue"
            return
        made.label = 3
        _fill_type(made, inner)
    elif signature.startswith("map<"):
        name = _entry(row.name)
        if any(other.name == name for other in message.nested_type):  # two names that protobuf cannot tell apart
            _fill_type(made, "dyn")
            return
        entry = message.nested_type.add(name=name)
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=1, type=9)
        inner = signature.removeprefix("map<string, ")[:-1]
        _fill_type(entry.field.add(name="value", number=2, label=1), inner)
        made.label, made.type, made.type_name = 3, 11, f".{message.name}.{name}"
    else:
        _fill_type(made, signature)


def _entry(name: str) -> str:
    """What protobuf wants a map's entries to be called."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) + "Entry"


_TYPES = {"string": 9, "int": 3, "double": 1, "bool": 8, "bytes": 12}


def _fill_type(made: Any, signature: str) -> None:
    if signature in _TYPES:
        made.type = _TYPES[signature]
        return
    name = "google.protobuf.Value" if signature.startswith(("list<", "map<")) else _WELL_KNOWN.get(signature, signature)
    made.type, made.type_name = 11, f".{name}"
