"""The embedded API server beside a real kind cluster's: the same client, the same requests, in turn.

What counts is the ratio of each pair, taken seconds apart on one machine: the embedded server's time by the real one's.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial

from benchmarks import servers
from benchmarks.inprocess import measurements as in_process
from benchmarks.load import METADATA, TABLE, Load, load
from benchmarks.measurement import Measurement
from benchmarks.servers import Server

Timed = Callable[[Load], Awaitable[float]]

ROUNDS = 5
CREATES, CLIENTS = 100, (1, 4, 16)
PODS = (1_000, 5_000)
WATCHERS, EVENTS = 50, 20
AS_FAST = 1.0
"""The goal of the ratios: at most the time a real API server takes."""

LISTS: dict[str, Timed] = {
    "as objects": lambda each: each.listed("pods"),
    "as objects, resourceVersion=0": lambda each: each.listed("pods", query="resourceVersion=0"),
    "as objects, gzipped": lambda each: each.listed("pods", encoding="gzip"),
    "as a Table": lambda each: each.listed("pods", TABLE),
    "as bare metadata": lambda each: each.listed("pods", METADATA),
    "in pages of 500": lambda each: each.paged("pods"),
}


def measurements() -> Iterator[Measurement]:
    """In process; then over HTTPS, on both servers where there are two."""
    yield from in_process()
    with servers.embedded() as ours, servers.kind() as real:
        yield from asyncio.run(_compared([server for server in (ours, real) if server is not None]))


async def _compared(both: list[Server]) -> list[Measurement]:
    async with AsyncExitStack() as stack:
        loads = [await stack.enter_async_context(load(server)) for server in both]
        return [row async for row in _rows(loads)]


async def _rows(loads: list[Load]) -> AsyncIterator[Measurement]:
    for kind in ("configmaps", "pods"):
        for clients in CLIENTS:
            one = partial(_creates, kind=kind, clients=clients)
            yield _row(f"create {kind}, {clients} at once", await _in_turn(loads, one), per_second=True)
    for amount in PODS:
        memory = [await _fill(each, amount) for each in loads]
        for name, timed in LISTS.items():
            yield _row(f"list {amount:,} pods {name}", await _in_turn(loads, timed))
        if shutil.which("kubectl"):
            rounds = await _in_turn(loads, _kubectl)
            yield _row(f"kubectl get pods -A with {amount:,} pods", rounds, goal=None)  # most of it kubectl's own
    for each, kilobytes in zip(loads, memory, strict=True):
        note = "resident" if each.server.pid else "resident, as it says; its heap may have had room"
        yield Measurement(f"memory a pod adds to the process, {each.server.name}", kilobytes, "kB", note=note)
    for row in await _watches(loads):
        yield row


async def _creates(each: Load, kind: str, clients: int) -> float:
    return await each.creates(kind, CREATES, clients)


async def _fill(each: Load, amount: int) -> float:
    """Creates pods until there are that many; returns what each added to the server's memory, in kilobytes."""
    before, missing = await each.resident(), amount - await each.amount("pods")
    await each.creates("pods", missing, CLIENTS[-1])
    return (await each.resident() - before) / missing / 1000


async def _kubectl(each: Load) -> float:
    command = ["kubectl", "--kubeconfig", str(each.server.kubeconfig), "get", "pods", "-A"]
    start = time.perf_counter()
    await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


async def _watches(loads: list[Load]) -> list[Measurement]:
    """Until the last of 50 watchers has an event: the median and the slowest of twenty."""
    rounds = [[await each.latencies("configmaps", WATCHERS, EVENTS) for each in loads] for _ in range(ROUNDS)]
    found = []
    for word, share in (("median", 0.5), ("95%", 0.95)):
        pairs = [[sorted(times)[int(share * (EVENTS - 1))] for times in pair] for pair in rounds]
        found.append(_row(f"create to the last of {WATCHERS} watchers, {word}", pairs))
    return found


async def _in_turn(loads: list[Load], timed: Timed) -> list[list[float]]:
    """Rounds of one time a server; the first round warms up and does not count."""
    return [[await timed(each) for each in loads] for _ in range(ROUNDS + 1)][1:]


def _row(
    name: str, rounds: list[list[float]], *, per_second: bool = False, goal: float | None = AS_FAST
) -> Measurement:
    """The ratio where there are two servers, the time where there is one."""
    times = [statistics.median(column) for column in zip(*rounds, strict=True)]
    words = [f"{1 / seconds:,.0f}/s" if per_second else f"{seconds * 1000:,.1f} ms" for seconds in times]
    if len(times) == 1:
        return Measurement(name, times[0] * 1000, "ms", note=f"{words[0]}; no real cluster to compare with")
    ratios = sorted(ours / real for ours, real in rounds)
    note = f"embedded {words[0]}, kind {words[1]}"
    return Measurement(f"{name}: of a real one's time", statistics.median(ratios), "×", goal, tuple(ratios), note)
