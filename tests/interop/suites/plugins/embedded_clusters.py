"""In a foreign suite's pytest: each worker of xdist has an embedded cluster of its own, and listed failures one try.

The runner says through the environment which kubeconfigs there are and which tests are known to fail.
"""

from __future__ import annotations

import json
import os

import pytest

KUBECONFIGS = "SUITE_KUBECONFIGS"
LISTED = "SUITE_LISTED"
TRIES = 2  # more, on a machine that is busy with other tests


def pytest_configure() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    os.environ["KUBECONFIG"] = os.environ[KUBECONFIGS].split(os.pathsep)[int(worker.removeprefix("gw"))]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    listed = set(json.loads(os.environ[LISTED]))
    for item in items:
        if name_of(item) not in listed:
            item.add_marker(pytest.mark.flaky(reruns=TRIES))


def name_of(item: pytest.Item) -> str:
    """As junit's report names it: the folders and classes with dots, then the test with its parameters."""
    place, *_ = item.nodeid.split("::")
    classes = [item.cls.__name__] if item.cls else []  # type: ignore[attr-defined]
    return ".".join([place.removesuffix(".py").replace("/", "."), *classes]) + f"::{item.name}"
