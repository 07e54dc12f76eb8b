"""What the API's documentation says of types and fields, read from the official client's models, as text.

They are there with the package `kubernetes`; importing them would take a second, reading those asked for takes none.
They leave out what a field says whose type is another type of the API, and the breaks between paragraphs.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Prose", "prose_of"]

_FIELD = re.compile(r"    (\w+): ")
_ALIAS = re.compile(r'\bserialization_alias="([^"]+)"')
_WORDS = re.compile(r'\bdescription=("(?:[^"\\]|\\.)*")')
_END = "    openapi_types: "  # of the fields; the rest is code


@dataclass(frozen=True, slots=True)
class Prose:
    """The words for one type.

    Attributes:
        text: Of the type itself; `""` for none.
        fields: By their names in JSON.
    """

    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@cache
def prose_of(name: str) -> Prose:
    """The words for a type such as `io.k8s.api.core.v1.Pod`; none where the models do not know it."""
    if name.count(".") < 2:
        return Prose()
    *path, version, kind = name.split(".")
    candidates = (f"{path[-1]}{version}{kind}", f"{version}{kind}")
    file = next((found for word in candidates if (found := _models().get(word.lower()))), None)
    return _read(file) if file else Prose()


def _read(file: Path) -> Prose:
    fields: dict[str, str] = {}
    about: list[str] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("class "):
                break
        for line in lines:
            if line.startswith(_END):
                break
            if words := _WORDS.search(line):
                name = _ALIAS.search(line) or _FIELD.match(line)
                if name:
                    fields[name[1]] = str(ast.literal_eval(words[1]))
            elif not fields:
                about.append(line.strip())
    text = " ".join(about).partition('"""')[2].partition("Attributes:")[0].partition('"""')[0]
    return Prose(text.strip(), fields)


@cache
def _models() -> dict[str, Path]:
    """The models' files by the class they hold, in small letters."""
    package = find_spec("kubernetes")
    if package is None or package.origin is None:
        return {}
    folder = Path(package.origin).parent / "client" / "models"
    return {file.stem.replace("_", ""): file for file in sorted(folder.glob("*.py"))}
