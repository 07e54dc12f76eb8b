"""Sets up `.venv` from the lock files. Standard library only: it runs before anything is installed.

    python scripts/bootstrap.py lab      what lessons need (requirements.lock)
    python scripts/bootstrap.py test     that and the test tools (requirements-test.lock)

Downloads with uv, itself installed into `.venv`, because pip alone takes minutes for what uv does in seconds; with pip
where uv does not run. Whatever index, mirror, proxy or certificate pip is configured for is used for uv too. A stamp
in `.venv` remembers what was installed, so that the next call has nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "k8s-tutor-stamp.json"
LOCKS = {"lab": "requirements.lock", "test": "requirements-test.lock"}
INCLUDED_IN = {"lab": ("lab", "test"), "test": ("test",)}  # the test lock holds all of the lab lock
OLDEST = (3, 11)

# What pip is told, and how uv is told the same.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
    "no-index": "UV_NO_INDEX",
}
COMMA_SEPARATED = ("find-links",)


class SetupFailed(Exception):
    """What happened and what to do next, for a person."""


def main(arguments: list[str]) -> int:
    """Makes `.venv` fit for the purpose named on the command line; returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: python scripts/bootstrap.py {'|'.join(LOCKS)}", file=sys.stderr)
        return 2
    try:
        set_up(arguments[0])
    except SetupFailed as error:
        print(f"\n✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n✗ Stopped. Nothing outside .venv was touched; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def set_up(purpose: str) -> None:
    """Installs the lock file of `purpose` and this package into `.venv`, unless the stamp says it is done."""
    stamps = read_stamps()
    wanted = {name: fingerprint(name) for name in LOCKS}
    if any(stamps.get(name) == wanted[name] for name in INCLUDED_IN[purpose]):
        return
    make_venv()
    say(f"Installing {LOCKS[purpose]} into .venv (once; about {'130' if purpose == 'lab' else '230'} MB to download) …")
    STAMP.unlink(missing_ok=True)
    install(ROOT / LOCKS[purpose])
    # The newest installation replaced what an older lock had asked for: only its own stamp still holds.
    STAMP.write_text(json.dumps({purpose: wanted[purpose]}), encoding="utf-8")


def fingerprint(purpose: str) -> str:
    """Changes whenever the same lock would install something else: its text, the project's metadata, the folder."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (LOCKS[purpose], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamps() -> dict[str, str]:
    """What was installed last; empty when nothing usable is there."""
    try:
        stamps = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if venv_python().exists() and isinstance(stamps, dict) else {}


def make_venv() -> None:
    """Creates `.venv` with pip in it; keeps one that works."""
    if venv_python().exists() and run(venv_python(), "-m", "pip", "--version", quiet=True):
        return
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists():
        raise SetupFailed(f"{VENV} is there and is no virtual environment.\n  Next: move it away, then try again.")
    say(f"Creating .venv with Python {sys.version.split()[0]} …")
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupFailed(
            f"Python at {sys.executable} could not create a virtual environment ({error}).\n"
            "  Next: on Debian and Ubuntu `sudo apt install python3-venv`; elsewhere install Python from python.org."
        ) from error


def install(lock: Path) -> None:
    """Installs a lock file with its hashes checked, then this package in place."""
    if uv_is_there(lock) and install_with_uv(lock):
        return
    say("uv did not work here; trying pip, which takes longer …")
    if not run(venv_python(), "-m", "pip", "install", "--quiet", *arguments_for(lock)):
        raise SetupFailed(
            "The packages could not be installed; the lines above say why.\n"
            "  Next: check the network. Behind a mirror: `pip config set global.index-url URL`; "
            "behind a proxy: set HTTPS_PROXY. Then try again."
        )
    if not run(venv_python(), "-m", "pip", "install", "--quiet", *ARGUMENTS_FOR_PACKAGE):
        raise SetupFailed("The package itself could not be installed; the lines above say why.")


def install_with_uv(lock: Path) -> bool:
    """The same with uv; whether it worked."""
    environment = uv_environment(pip_settings())
    progress = () if sys.stderr.isatty() else ("--quiet",)
    return run(uv(), "pip", "install", *progress, *arguments_for(lock), environment=environment) and run(
        uv(), "pip", "install", "--quiet", *ARGUMENTS_FOR_PACKAGE, environment=environment
    )


# The build back end is in the lock as well, so that nothing unpinned is fetched to build an editable install.
ARGUMENTS_FOR_PACKAGE = ("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def arguments_for(lock: Path) -> tuple[str, ...]:
    """How both pip and uv are told to install a lock file."""
    return ("--require-hashes", "--requirement", str(lock))


def uv_is_there(lock: Path) -> bool:
    """Installs the locked uv into `.venv`, with its hashes; False where there is no uv for this platform."""
    wanted = requirement_of("uv", lock)
    if wanted is None:
        return False
    only_uv = VENV / "uv.txt"
    only_uv.write_text(wanted, encoding="utf-8")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", "uv")
    return run(venv_python(), *pip, *arguments_for(only_uv)) and run(uv(), "--version", quiet=True)


def requirement_of(package: str, lock: Path) -> str | None:
    """The lines of one package in a lock file: its pinned version and hashes."""
    lines: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{package}==") or (lines and line.startswith("    --hash")):
            lines.append(line)
        elif lines:
            break
    return "\n".join(lines) + "\n" if lines else None


def pip_settings() -> dict[str, str]:
    """What this person's pip is configured with, whatever the place: files of the system or the user, environment."""
    command = [str(venv_python()), "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    settings: dict[str, str] = {}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", "install", ":env:"):
            settings[key] = value.strip().strip("'\"")
    return settings


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """pip's settings in uv's words. What the person told uv directly is left alone."""
    environment = dict(os.environ)
    for key, value in settings.items():
        name = UV_NAMES.get(key)
        if name and value:
            separator = "," if key in COMMA_SEPARATED else " "
            environment.setdefault(name, separator.join(value.replace("\\n", " ").split()))
    if "extra-index-url" in settings:
        # pip looks into all indexes; safe for uv to do so too, since every file must match a locked hash
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    environment.setdefault("UV_LINK_MODE", "hardlink" if same_device(VENV, Path.home()) else "copy")
    environment["VIRTUAL_ENV"] = str(VENV)
    return environment


def same_device(one: Path, other: Path) -> bool:
    """Whether files can be linked between two folders; uv complains about each one that cannot."""
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False


def venv_python() -> Path:
    """The interpreter in `.venv`."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def uv() -> Path:
    """The uv in `.venv`."""
    return VENV / ("Scripts/uv.exe" if os.name == "nt" else "bin/uv")


def run(program: Path, *arguments: str, quiet: bool = False, environment: dict[str, str] | None = None) -> bool:
    """Runs a program with its output shown (unless quiet); whether it ended well."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.call([str(program), *arguments], stdout=output, stderr=output, env=environment) == 0
    except OSError as error:
        print(f"{shlex.quote(str(program))}: {error}", file=sys.stderr)
        return False


def say(line: str) -> None:
    """A line of progress."""
    print(line, flush=True)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(
            f"✗ Python 3.11 or newer is needed; this is {sys.version.split()[0]}.\n  Next: see python.org/downloads."
        )
    sys.exit(main(sys.argv[1:]))
