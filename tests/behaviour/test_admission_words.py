"""What admission says and does, word for word: recorded on a real cluster (`record_api`), the same on the embedded one.

Each `testdata/api_admission_*.jsonl` is a story in a namespace of its own: requests in a row, and what is waited for
in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.behaviour.likeness import unowned
from tests.behaviour.test_api_words import DATA, answer, expected, recorded

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

TRIES = 60
STORIES = sorted(path.name for path in DATA.glob("api_admission_*.jsonl"))


def until(env: Environment, case: dict[str, Any]) -> None:
    """Waits until a field of an object is as the case says."""
    *_, kind, name = case["wait"].split("/")

    def holds(obj: Any) -> bool:
        for key in case["field"].split("."):
            obj = obj.get(key) if isinstance(obj, dict) else None
        return bool(obj == case["is"])

    env.wait(kind, name, holds)


def told(env: Environment, case: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The answer, as far as the case tells it.

    The real server admits by its caches: what is asked right after a quota was made may come too early. What changes
    nothing, a dry run or a refusal, can be asked again.
    """
    seen: dict[str, Any] = {}
    for _ in range(TRIES):
        found = answer(env, case)
        found["answer"] = unowned(found["answer"])
        seen = {key: found.get(key) for key in wanted}
        if seen == wanted or not ("dryRun=All" in case["do"] or found["code"] >= 400):
            break
    return seen


@pytest.mark.parametrize("story", STORIES, ids=lambda name: name.removeprefix("api_admission_").removesuffix(".jsonl"))
def test_a_story_goes_as_recorded(env: Environment, story: str) -> None:
    for number, case in enumerate(recorded(story), 1):
        if "wait" in case:
            until(env, case)
            continue
        wanted = expected(case)
        if wanted.get("warnings") and case["do"].startswith("PATCH") and "?" not in case["do"]:
            told(
                env, {**case, "do": f"{case['do']}?dryRun=All"}, {"warnings": wanted["warnings"]}
            )  # until caches follow
        assert told(env, case, wanted) == wanted, f"line {number}: {case['do']}"
