from __future__ import annotations

import pytest

from tests.unit.controllers.playground import Playground


@pytest.fixture
def play() -> Playground:
    """A cluster of three nodes whose pods become ready by themselves."""
    return Playground()
