"""The load: the same client, the same requests, whichever the server. One thread, aiohttp, keep-alive, TLS."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import psutil

from benchmarks.servers import Server

JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
PAGE = 500
CONTINUE = re.compile(rb'"continue":"([^"]+)"')
HEAD = 500  # bytes at the beginning of a list, with its metadata


class Load:
    """A namespace of one's own on a server, and clients that work in it.

    Attributes:
        server: Whose it is.
        namespace: Fresh; removed at the end.
    """

    def __init__(self, server: Server, session: aiohttp.ClientSession, namespace: str) -> None:
        self.server = server
        self.namespace = namespace
        self._session = session
        self._numbers = count()

    async def creates(self, kind: str, amount: int, connections: int) -> float:
        """Seconds a create takes with that many clients at once: the whole time by the amount."""
        bodies = iter([self._object(kind) for _ in range(amount)])
        start = time.perf_counter()
        await asyncio.gather(*(self._create_all(kind, bodies) for _ in range(connections)))
        return (time.perf_counter() - start) / amount

    async def listed(self, kind: str, accept: str = JSON, query: str = "", encoding: str = "identity") -> float:
        """Seconds from asking for a list to its last byte."""
        start = time.perf_counter()
        await self._get(f"{self._path(kind)}?{query}", accept, encoding)
        return time.perf_counter() - start

    async def paged(self, kind: str) -> float:
        """Seconds for a list in pages of 500."""
        start = time.perf_counter()
        token = ""
        while True:
            params = {"limit": str(PAGE), "continue": token}
            async with self._session.get(self._path(kind), params=params) as answer:
                text = await answer.read()
            found = CONTINUE.search(text, 0, HEAD)  # not parsed: that is our time
            if not found:
                return time.perf_counter() - start
            token = found[1].decode()

    async def amount(self, kind: str) -> int:
        """How many objects there are."""
        return len(json.loads(await self._get(self._path(kind), METADATA))["items"])

    async def latencies(self, kind: str, watchers: int, events: int) -> list[float]:
        """Seconds from sending a create to the last of the watchers having its event, for each of some creates."""
        version = json.loads(await self._get(f"{self._path(kind)}?limit=1", METADATA))["metadata"]["resourceVersion"]
        path = f"{self._path(kind)}?watch=true&resourceVersion={version}"
        streams = [await self._session.get(path) for _ in range(watchers)]
        try:
            return [await self._latency(kind, streams) for _ in range(events)]
        finally:
            for stream in streams:
                stream.close()

    async def resident(self) -> float:
        """Bytes the server's process has in memory: looked up where it is ours, else as it says itself."""
        if self.server.pid:
            return float(psutil.Process(self.server.pid).memory_info().rss)
        async with self._session.get("/metrics") as answer:
            for line in (await answer.text()).splitlines():
                if line.startswith("process_resident_memory_bytes "):
                    return float(line.split()[1])
        raise LookupError("this server does not tell its memory")

    async def _latency(self, kind: str, streams: Sequence[aiohttp.ClientResponse]) -> float:
        body = self._object(kind)
        start = time.perf_counter()
        create = asyncio.ensure_future(self._create(kind, body))
        await asyncio.gather(*(stream.content.readline() for stream in streams))
        seconds = time.perf_counter() - start
        await create
        return seconds

    async def _create_all(self, kind: str, bodies: Any) -> None:
        for body in bodies:
            await self._create(kind, body)

    async def _create(self, kind: str, body: bytes) -> None:
        async with self._session.post(self._path(kind), data=body, headers={"Content-Type": JSON}) as answer:
            text = await answer.read()
            assert answer.status == 201, text

    async def _get(self, target: str, accept: str, encoding: str = "identity") -> bytes:
        headers = {"Accept": accept, "Accept-Encoding": encoding}
        async with self._session.get(target, headers=headers) as answer:
            text = await answer.read()
            assert answer.status == 200, text
            return text

    def _path(self, kind: str) -> str:
        return f"/api/v1/namespaces/{self.namespace}/{kind}"

    def _object(self, kind: str) -> bytes:
        metadata = {"name": f"bench-{next(self._numbers)}", "labels": {"app": "bench", "tier": "load"}}
        return json.dumps({"metadata": metadata, **SHAPES[kind]}).encode()


SHAPES: dict[str, dict[str, Any]] = {
    "configmaps": {"data": {"colour": "blue", "greeting": "hello " * 20}},
    "pods": {
        "spec": {
            "schedulingGates": [{"name": "bench.k8s-tutor.dev/never"}],  # nobody schedules it: no kubelet acts
            "containers": [
                {
                    "name": "web",
                    "image": "nginx:1.22",
                    "ports": [{"name": "http", "containerPort": 80}],
                    "env": [{"name": "COLOUR", "value": "blue"}],
                    "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 5},
                }
            ],
        }
    },
}


@asynccontextmanager
async def load(server: Server) -> AsyncIterator[Load]:
    """A fresh namespace on `server`; gone afterwards."""
    connector = aiohttp.TCPConnector(ssl=server.tls, limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    headers = {**server.headers, "Accept-Encoding": "identity"}  # as the official Python client asks
    options: dict[str, Any] = {"headers": headers, "timeout": timeout, "read_bufsize": 2**20}
    async with aiohttp.ClientSession(server.url, connector=connector, auto_decompress=False, **options) as session:
        body = {"metadata": {"generateName": "bench-"}}
        async with session.post("/api/v1/namespaces", json=body) as answer:
            name = (await answer.json())["metadata"]["name"]
        try:
            await _account(session, name)
            yield Load(server, session, name)
        finally:
            for kind in SHAPES:  # quicker than the namespace controller's way through all kinds
                await session.delete(f"/api/v1/namespaces/{name}/{kind}", params={"gracePeriodSeconds": "0"})
            await session.delete(f"/api/v1/namespaces/{name}")


async def _account(session: aiohttp.ClientSession, namespace: str) -> None:
    """Waits for the namespace's account, without which there are no pods."""
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    params = {"watch": "true", "fieldSelector": "metadata.name=default", "timeoutSeconds": "30"}
    async with session.get(path, params=params) as answer:
        await answer.content.readline()
