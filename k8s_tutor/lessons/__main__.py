"""`python -m k8s_tutor.lessons build [NAME …]` and `check`: for those who write lessons, in a checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from k8s_tutor.errors import TutorError
from k8s_tutor.lessons.factory import Course


def main(arguments: list[str] | None = None) -> int:
    """Builds or checks the notebooks; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m k8s_tutor.lessons", description=__doc__)
    parser.add_argument("command", choices=["build", "check"])
    parser.add_argument("names", nargs="*", help="lessons such as 01_pods; none for all")
    options = parser.parse_args(arguments)
    course = Course(Path(__file__).resolve().parents[2] / "lessons")
    try:
        if options.command == "build":
            course.build(options.names, print)
            return 0
        complaints = course.complaints()
    except TutorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    for complaint in complaints:
        print(f"✗ {complaint}", file=sys.stderr)
    if not complaints:
        print(f"✓ {len(course.sources())} notebooks are in step with their sources.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
