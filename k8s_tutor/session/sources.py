"""What `apply` accepts: a manifest's text, a dict, a list of dicts, a file."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from k8s_tutor.errors import ManifestError, UsageError
from k8s_tutor.objects.types import Obj

__all__ = ["Source", "objects_of", "read"]

Source: TypeAlias = str | Path | Obj | list[Obj]

_SUFFIXES = (".yaml", ".yml", ".json")


def objects_of(source: Source) -> list[Obj]:
    """The objects of a source, checked as far as can be without a cluster.

    Args:
        source: YAML or JSON text with any number of documents; a path (a `Path`, or text that is a file's name);
            one object or several as dicts.

    Raises:
        ManifestError: the text is no YAML, or no Kubernetes object: with line and column.
        UsageError: no such file, or something that is none of these.
    """
    if isinstance(source, dict):
        return [_checked(source)]
    if isinstance(source, Path):
        return read(str(source), is_file=True)
    if isinstance(source, str):
        return read(source, is_file=_is_file_name(source))
    if isinstance(source, list):
        return [_checked(obj) for obj in source]
    raise UsageError(
        f"This cannot be applied: {type(source).__name__}.",
        why="apply takes a manifest's text, a dict, or the path of a file.",
        next_step='t.apply("""apiVersion: v1 …""")',
    )


def read(source: str, *, is_file: bool) -> list[Obj]:
    """The objects in a manifest's text, or in a file of it.

    Raises:
        ManifestError: the text is no YAML, or no Kubernetes object: with line and column.
        UsageError: the file cannot be read.
    """
    from k8s_tutor.objects import manifests  # noqa: PLC0415  brings PyYAML

    text = _text_of(Path(source).expanduser()) if is_file else source
    objects = manifests.load(text)
    if not objects:
        raise ManifestError(
            "There is no object in this manifest.",
            why="It is empty, or holds only comments.",
            next_step="A manifest begins with apiVersion and kind.",
        )
    return objects


def _checked(obj: Obj) -> Obj:
    """A dict has no lines to point at, but its mistakes are the same."""
    from k8s_tutor.objects.schema import builtin_schema  # noqa: PLC0415  reads half a megabyte of facts
    from k8s_tutor.objects.validation import path_text, problems  # noqa: PLC0415

    if not isinstance(obj, dict):
        raise UsageError(
            f"This cannot be applied: {type(obj).__name__}.", why="A list to apply holds objects as dicts."
        )
    schema = builtin_schema().kind(str(obj.get("apiVersion", "")), str(obj.get("kind", "")))
    for problem in problems(obj, schema) if schema else ():
        where = path_text(problem.path)
        raise ManifestError(f"{where}: {problem.what}" if where else problem.what, next_step=problem.next_step)
    return obj


def _is_file_name(text: str) -> bool:
    return "\n" not in text.strip() and text.strip().endswith(_SUFFIXES) and ":" not in text[2:]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.", next_step=f"You are in {Path.cwd().name}/.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {path} cannot be read.", why=str(error)) from error
