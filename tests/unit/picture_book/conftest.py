"""The picture book, loaded from its lesson's folder, whose name begins with a digit and is no package."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

PICTURES = Path(__file__).resolve().parents[3] / "lessons" / "00_picture_book" / "pictures"


@pytest.fixture(scope="session")
def book() -> ModuleType:
    name = "picture_book_under_test"
    spec = spec_from_file_location(name, PICTURES / "__init__.py", submodule_search_locations=[str(PICTURES)])
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def drawings(book: ModuleType) -> dict[str, str]:
    """Every page in every language, by "key-language"."""
    return {f"{page.key}-{language}": page.draw(language) for page in book.PAGES for language in book.LANGUAGES}
