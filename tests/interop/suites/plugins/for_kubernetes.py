"""What the official client's tests import and its wheel leaves out: `e2e_test.base`, the way to the cluster."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType

import kubernetes.aio.client
import kubernetes.aio.config
import kubernetes.client
import kubernetes.config


def _configuration() -> kubernetes.client.Configuration:
    made = kubernetes.client.Configuration()
    kubernetes.config.load_kube_config(client_configuration=made)
    return made


def _configuration_for_asyncio() -> kubernetes.aio.client.Configuration:
    made = kubernetes.aio.client.Configuration()
    asyncio.run(kubernetes.aio.config.load_kube_config(client_configuration=made))
    return made


def _offer(package: str, configuration: Callable[[], object]) -> None:
    folder, base = ModuleType(f"{package}.e2e_test"), ModuleType(f"{package}.e2e_test.base")
    base.get_e2e_configuration = configuration  # type: ignore[attr-defined]
    folder.base = base  # type: ignore[attr-defined]
    sys.modules |= {folder.__name__: folder, base.__name__: base}


_offer("kubernetes", _configuration)
_offer("kubernetes.aio", _configuration_for_asyncio)
