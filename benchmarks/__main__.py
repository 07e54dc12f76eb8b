"""`make bench`: measures, prints a table with goals beside numbers, keeps the numbers as JSON.

python -m benchmarks [process] [starting] [kind] [lessons] [apiserver] [judging]
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module

from benchmarks.measurement import ROOT, Measurement, table

PARTS = ("process", "starting", "kind", "lessons", "apiserver", "judging")


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    results: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-bench-", ignore_cleanup_errors=True) as home:
        os.environ |= {"K8S_TUTOR_HOME": home, "K8S_TUTOR_CLUSTER": "embedded"}  # for all processes from here on
        for name in chosen or PARTS:
            print(f"measuring: {name}", flush=True)
            results += import_module(f"benchmarks.{name}").measurements()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    print(f"\n{machine}; load at the end {load}\n\n{table(results)}")
    output = ROOT / "benchmarks" / "output"
    output.mkdir(exist_ok=True)
    rows = [asdict(result) for result in results]
    text = json.dumps({"machine": machine, "load": load, "results": rows}, indent=1, ensure_ascii=False)
    (output / "results.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
