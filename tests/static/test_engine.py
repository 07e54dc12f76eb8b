"""The engine's law holds for all of it: no part is forgotten in the contract that import-linter checks."""

from __future__ import annotations

import pkgutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXEMPT = {"__main__", "http", "runner"}  # the doors: they know threads, sockets and compiled packages


def test_every_part_of_the_engine_is_under_its_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    contract = next(one for one in contracts if one["name"].startswith("The engine needs no thread"))
    parts = {module.name for module in pkgutil.iter_modules([str(ROOT / "k8s_tutor" / "embedded")])}
    assert sorted(contract["source_modules"]) == sorted(f"k8s_tutor.embedded.{part}" for part in parts - EXEMPT)
