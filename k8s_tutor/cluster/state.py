"""Our own folder, where kubeconfigs and settings live. Nothing of the user's is in it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.objects.types import Json

__all__ = ["read_settings", "state_dir", "write_private", "write_settings"]

_SETTINGS = "settings.json"


def state_dir() -> Path:
    """The folder, made if need be: `K8S_TUTOR_HOME`, else where the operating system keeps application data."""
    home = os.environ.get("K8S_TUTOR_HOME", "")
    if home:
        folder = Path(home).expanduser().absolute()
    else:
        import platformdirs  # noqa: PLC0415  # not needed where K8S_TUTOR_HOME is set

        folder = platformdirs.user_data_path("k8s-tutor", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _no_folder(folder, error) from None
    if not os.access(folder, os.W_OK):
        raise _no_folder(folder, "it may not be written to")
    return folder


def _no_folder(folder: Path, why: object) -> UsageError:
    return UsageError(
        f"our own folder cannot be used: {folder}",
        why=str(why),
        next_step="set K8S_TUTOR_HOME to a folder that you may write to",
    )


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read (0600), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def read_settings() -> dict[str, Json]:
    """Saved settings; none if there are none, or if the file is damaged."""
    try:
        settings = json.loads((state_dir() / _SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def write_settings(settings: dict[str, Json]) -> None:
    """Saves all settings."""
    write_private(state_dir() / _SETTINGS, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
