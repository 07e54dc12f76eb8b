"""Our own folder, where kubeconfigs and settings live. Nothing of the user's is in it."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import tempfile
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.language.choice import LANGUAGES, remember_by
from k8s_tutor.objects.types import Json

__all__ = [
    "HOME",
    "read_settings",
    "remove_file",
    "require_language",
    "save_language",
    "state_dir",
    "write_private",
    "write_settings",
]

HOME = "K8S_TUTOR_HOME"
"""Our own folder: settings, kubeconfigs, progress; without it, where the system keeps programs' data."""
_SETTINGS = "settings.json"
_LANGUAGE = "language"


def state_dir() -> Path:
    """The folder, made if need be: `K8S_TUTOR_HOME`, else where the operating system keeps application data."""
    folder = _locate()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _no_folder(folder, error) from None
    if not os.access(folder, os.W_OK):
        raise _no_folder(folder, msg("it may not be written to"))
    return folder


def _locate() -> Path:
    if home := os.environ.get(HOME, ""):
        return Path(home).expanduser().absolute()
    import platformdirs  # noqa: PLC0415  # not needed where K8S_TUTOR_HOME is set

    return platformdirs.user_data_path("k8s-tutor", appauthor=False)


def _no_folder(folder: Path, why: object) -> UsageError:
    return UsageError(
        msg("our own folder cannot be used: {folder}", folder=folder),
        why=str(why),
        next_step=msg("set K8S_TUTOR_HOME to a folder that you may write to"),
    )


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read (0600), whole or not at all.

    Raises:
        UsageError: it cannot be written: the disk is full, the folder not ours, …
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(path, text)
    except OSError as error:
        raise UsageError(
            msg("{path} cannot be written", path=path),
            why=error.strerror or str(error),
            next_step=msg("make room, or set K8S_TUTOR_HOME to a folder elsewhere"),
        ) from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def remove_file(path: Path) -> None:
    """Removes a file of ours, and what a killed writer of it has left half-written. Safe to call twice."""
    remains = path.parent.glob(f".{glob.escape(path.name)}.*") if path.parent.is_dir() else ()
    for each in (path, *remains):
        with contextlib.suppress(OSError):  # another process was faster, or holds it open (Windows)
            each.unlink()


def read_settings() -> dict[str, Json]:
    """Saved settings; none if there are none, or if the file is damaged. Makes no folder."""
    try:
        settings = json.loads((_locate() / _SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def write_settings(settings: dict[str, Json]) -> None:
    """Saves all settings."""
    write_private(state_dir() / _SETTINGS, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")


# ---- The language that somebody saved


def save_language(language: str) -> None:
    """Remembers in which language everything is to be said from now on; empty forgets it.

    Raises:
        UsageError: nothing is written in that language.
    """
    settings = {key: value for key, value in read_settings().items() if key != _LANGUAGE}
    if language:
        settings[_LANGUAGE] = require_language(language)
    write_settings(settings)


def require_language(language: str) -> str:
    """The language, seen to be one that there is.

    Raises:
        UsageError: nothing is written in it.
    """
    if language in LANGUAGES:
        return language
    spoken = ", ".join(f"{short} ({name})" for short, name in LANGUAGES.items())
    raise UsageError(
        msg("Nothing is written in the language {language!r}.", language=language),
        why=msg("The languages are {languages}.", languages=spoken),
        next_step=msg("Choose one of these."),
    )


remember_by(lambda: str(read_settings().get(_LANGUAGE, "")))
