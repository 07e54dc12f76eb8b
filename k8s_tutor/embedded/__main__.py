"""`python -m k8s_tutor.embedded`: a Kubernetes cluster in this process, for kubectl and every other client."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from k8s_tutor.embedded.runner.serve import add_options, serve
from k8s_tutor.errors import TutorError
from k8s_tutor.language import msg
from k8s_tutor.language.commandline import translate_argparse


def main() -> int:
    """Serves until it is told to end; returns the exit code (0 done, 1 failed with a message, 130 Ctrl-C)."""
    translate_argparse()
    parser = argparse.ArgumentParser(
        prog="python -m k8s_tutor.embedded",
        description=str(msg("Serve a Kubernetes cluster that lives in this process, on 127.0.0.1.")),
    )
    add_options(parser)
    try:
        return serve(parser.parse_args(), partial(print, flush=True))
    except TutorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
