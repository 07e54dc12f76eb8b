"""One learner of a class: runs a lesson's code cells, solves its exercises, reports what was solved and who was met.

    python -m tests.lessons.one_learner pods

The last line of its output is the report, as JSON; before it stands what a learner would see. Twenty on one small
machine wait long for their Pods: a cell whose deadline passes is run again, a check asked again, as a learner would.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

from k8s_tutor.authoring.factory import load
from k8s_tutor.authoring.source import with_solutions
from k8s_tutor.course.catalog import find_lesson, list_exercises
from k8s_tutor.errors import WaitTimeout
from k8s_tutor.session import Session, require_session
from k8s_tutor.session.learner import who_learns

_MARK = "seen-by"
_PATIENCE = 10


def run(name: str) -> dict[str, Any]:
    """Runs a whole lesson; reports which checks passed, what is kept of it, and Pods of others that came in sight."""
    lesson, learner = find_lesson(name), os.environ["K8S_TUTOR_LEARNER"]
    solutions = {exercise.id: exercise.solution for exercise in list_exercises(lesson, who_learns(learner).label)}
    notebook = with_solutions(load(lesson.folder.parent / "en" / f"{lesson.stem}.ipynb"), solutions)
    solved: list[str] = []
    strangers: set[str] = set()
    variables: dict[str, Any] = {}
    for source in (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"):
        print(f"--- {source.strip().splitlines()[0]}", flush=True)
        if source.startswith("t.check("):
            solved += _check(source.split('"')[1])
        else:
            _run_cell(source, variables)
        if not source.startswith("t.leave("):
            strangers |= _strangers(require_session(), learner)
    kept = require_session()._exercises.progress.solved()
    require_session().close()
    return {"learner": learner, "solved": solved, "progress": kept, "strangers": sorted(strangers)}


def _check(exercise: str) -> list[str]:
    """The exercise, if it is solved."""
    for _ in range(_PATIENCE):
        verdict = require_session().check(exercise)
        print(verdict, flush=True)
        if verdict.passed:
            return [exercise]
    return []


def _run_cell(source: str, variables: dict[str, Any]) -> None:
    for attempt in range(_PATIENCE):
        try:
            exec(compile(source, "cell", "exec"), variables)
        except WaitTimeout as error:
            if attempt == _PATIENCE - 1:
                raise
            print(f"again: {error.what}", flush=True)
        else:
            return


def _strangers(t: Session, learner: str) -> set[str]:
    """Pods in sight that another learner has seen too: whoever sees one first writes their name on it."""
    found = set()
    for pod in t.objects("pods"):
        name, mark = pod["metadata"]["name"], pod["metadata"].get("annotations", {}).get(_MARK)
        if mark is None:
            patch = {"metadata": {"annotations": {_MARK: learner}, "resourceVersion": None}}
            t.client.patch("pods", name, patch)
        elif mark != learner:
            found.add(f"{name} of {mark}")
    return found


if __name__ == "__main__":
    try:
        report = run(sys.argv[1])
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        sys.exit(1)
    print(json.dumps(report))
