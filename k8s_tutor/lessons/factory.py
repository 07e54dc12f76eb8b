"""Building all notebooks from their sources, and saying when one is not in step with its source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.lessons.execution import EMBEDDED, execute
from k8s_tutor.lessons.notebooks import Notebook, dumps, notebook
from k8s_tutor.lessons.sanitising import banners, sanitised
from k8s_tutor.lessons.source import LessonError, Source, read_source

__all__ = ["Course", "load"]


def load(path: Path) -> Notebook:
    """A notebook file, its texts joined."""
    built: Notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in built["cells"]:
        cell["source"] = "".join(cell["source"])
    return built


@dataclass(frozen=True)
class Course:
    """The folder with `source/` and one folder of notebooks for each language.

    Attributes:
        folder: `lessons` of a checkout.
        languages: Which to build.
    """

    folder: Path
    languages: tuple[str, ...] = ("en",)

    def sources(self) -> list[Source]:
        """All sources, in order.

        Raises:
            LessonError: there is none, or one cannot be read.
        """
        paths = sorted((self.folder / "source").glob("*.py"))
        if not paths:
            raise LessonError(f"There are no lesson sources in {self.folder.name}/source.")
        return [read_source(path) for path in paths]

    def notebook_path(self, source: Source, language: str) -> Path:
        """Where a source's notebook is."""
        return self.folder / language / f"{source.name}.ipynb"

    def build(self, names: list[str], say: Callable[[str], None]) -> None:
        """Runs lessons on the embedded cluster and writes their notebooks.

        Args:
            names: `01_pods`; none for all.
            say: Told about each notebook.

        Raises:
            LessonError: a source breaks the rules, a cell fails, or an output shows what it must not.
        """
        for source in self.sources():
            if names and source.name not in names:
                continue
            _refuse(source.complaints(self.languages))
            for language in self.languages:
                built = sanitised(execute(notebook(source, language), EMBEDDED))
                _refuse(list(banners(built)))
                path = self.notebook_path(source, language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dumps(built), encoding="utf-8", newline="\n")
                say(f"wrote {path.relative_to(self.folder.parent).as_posix()}")

    def complaints(self) -> list[str]:
        """Everything wrong with sources and notebooks, without running anything; nothing for a course in order."""
        found: list[str] = []
        expected: set[Path] = set()
        for source in self.sources():
            found += source.complaints(self.languages)
            for language in self.languages:
                path = self.notebook_path(source, language)
                expected.add(path)
                found += [f"{language}/{path.name}: {complaint}" for complaint in _drift(source, path, language)]
        for language in self.languages:
            strays = sorted(set((self.folder / language).glob("*.ipynb")) - expected)
            found += [f"{language}/{path.name}: has no source" for path in strays]
        return found


def _drift(source: Source, path: Path, language: str) -> Iterator[str]:
    if not path.exists():
        yield "is missing: run `make build-lessons`"
        return
    built = load(path)
    wanted = notebook(source, language)["cells"]
    for number, (new, old) in enumerate(zip(wanted, built["cells"], strict=False), start=1):
        if (new["cell_type"], new["source"], new["id"]) != (old["cell_type"], old["source"], old.get("id")):
            first = new["source"].partition("\n")[0][:60]
            yield f"cell {number} ({first!r}) differs from its source: run `make build-lessons`"
            return
    if len(wanted) != len(built["cells"]):
        yield f"has {len(built['cells'])} cells, its source {len(wanted)}: run `make build-lessons`"
    yield from banners(built)


def _refuse(complaints: list[str]) -> None:
    if complaints:
        raise LessonError("\n".join(complaints))
