"""Where foreign suites run: a virtual environment of their own, and the sources that no wheel holds.

Their plugins (asyncio modes, mocked time) would change how our own tests run. What is in it stands in
`requirements-suites.lock`; it lives in `.venv/suites` and is made anew when the lock changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib import util
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements-suites.lock"
HOME = (ROOT / ".venv").resolve() / "suites"
_SECONDS = 300


def python() -> Path:
    """The interpreter that has the suites; installs them where they are not. Skips where they cannot be had."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    found = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = HOME / "stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return found
    shutil.rmtree(HOME, ignore_errors=True)
    _run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(HOME))
    _run(sys.executable, "-m", "uv", "pip", "sync", "--quiet", "--require-hashes", "--python", str(found), str(LOCK))
    stamp.write_text(wanted, encoding="utf-8")
    return found


def installed(package: str) -> Path:
    """The folder of a package among the suites."""
    return next(path for path in HOME.glob(f"[Ll]ib/**/site-packages/{package}") if path.is_dir())


def kopf_source(scratch: Path) -> Path:
    """kopf's source distribution of the version that we use, unpacked: its wheel has no tests and no examples."""
    name = f"kopf-{version('kopf')}"
    archive = HOME / f"{name}.tar.gz"
    if not archive.exists():
        pin = re.search(r"^kopf==(?:.*\\\n)*.*\n", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
        assert pin, "the lock of the suites pins kopf"
        only = scratch / "kopf.txt"
        only.write_text(pin.group(), encoding="utf-8")
        how = ("--quiet", "--no-deps", "--no-build-isolation", "--no-binary", "kopf", "--require-hashes")
        _run(str(python()), "-m", "pip", "download", *how, "--requirement", str(only), "--dest", str(HOME))
    with tarfile.open(archive) as packed:
        packed.extractall(scratch, filter="data")
    return scratch / name


def _run(*command: str) -> None:
    """Runs an installer; what does not answer is a machine without a package index."""
    environment = _bootstrap().uv_environment(_bootstrap().pip_settings())
    del environment["VIRTUAL_ENV"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        done, said = None, f"no end after {_SECONDS} s"
    if done is None or done.returncode:
        pytest.skip(f"the package index did not give them: {said.strip().splitlines()[-1][:200] if said else command}")


def _bootstrap() -> ModuleType:
    """The script that sets up `.venv`: it tells uv what pip is configured with."""
    spec = util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
