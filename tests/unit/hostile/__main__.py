"""`python -m tests.unit.hostile SECONDS`: hostile inputs with ever new seeds, until the time is over."""

from __future__ import annotations

import os
import sys
import tempfile

from k8s_tutor.clock import RealClock
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from tests.unit.hostile.fuzz import Fuzz

INPUTS = 1000


def main() -> None:
    """Ends with an assertion and the seed where something falls over."""
    clock = RealClock()
    end, seed = clock.monotonic() + float(sys.argv[1]), 1000
    with tempfile.TemporaryDirectory() as home:
        os.environ["K8S_TUTOR_HOME"] = home
        cluster = EmbeddedCluster(PaceMode.AWAITED)
        cluster.pace.run(5)
        while clock.monotonic() < end:
            print(f"seed {seed}", flush=True)
            fuzz = Fuzz(cluster, seed)
            for _ in range(INPUTS):
                fuzz.one()
            assert fuzz.alive()
            seed += 1
        cluster.close()
    print(f"{(seed - 1000) * INPUTS} inputs, and the cluster stands")


if __name__ == "__main__":
    main()
