"""The way through the course as a learner meets it: the front page, a bet, a lesson reopened; in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.course.catalog import list_exercises
from k8s_tutor.course.finding import choose_course
from k8s_tutor.session.learner import LEARNER, who_learns
from tests import real_cluster
from tests.notebook.conftest import opened_lab
from tests.notebook.pages import open_notebook, wait_until_idle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from k8s_tutor.api.cluster import Cluster
    from tests.notebook.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

LESSON = "01_pods.ipynb"
BETTOR = "bettor"


def _cell(page: Page, code: str) -> Locator:
    return page.locator(".jp-CodeCell", has_text=code).first


def _run(page: Page, code: str) -> Locator:
    """Runs the cell that holds some code; the cell."""
    cell = _cell(page, code)
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    wait_until_idle(page)
    return cell


def _outputs(cell: Locator) -> str:
    return " ".join(cell.locator(".jp-OutputArea-output").all_inner_texts())


def test_the_front_page_says_where_to_go_on_before_its_kernel_runs(page: Page, lab: Lab, pictures: Path) -> None:
    page.goto(lab.address)
    table = page.locator(".jp-OutputArea table", has_text="Pods").first
    table.wait_for()
    assert "0 of 6 solved" in table.inner_text()
    page.screenshot(path=pictures / "front-page-progress.png")
    table.locator("a", has_text="go on here").click()
    first = next(lesson for lesson in choose_course("kubernetes").lessons if list_exercises(lesson))
    page.locator(".lm-TabBar-tabLabel", has_text=f"{first.stem}.ipynb").wait_for()


@pytest.fixture(params=["embedded", pytest.param("kind", marks=pytest.mark.kind)])
def bettors_lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Somebody's lab, on each kind of cluster."""
    if request.param == "embedded":
        yield request.getfixturevalue("lab")
        return
    cluster: Cluster = request.getfixturevalue("kind_cluster")
    variables = {"K8S_TUTOR_CLUSTER": f"context:{cluster.context}", "KUBECONFIG": str(cluster.kubeconfig)}
    with opened_lab(tmp_path_factory.mktemp("bettor"), **variables, **{LEARNER: BETTOR}) as lab:
        yield lab
    real_cluster.remove_lesson(cluster, "pods", who_learns(BETTOR))


def test_a_bet_stands_beside_the_truth_and_a_kernel_that_is_new_says_what_to_run(
    page: Page, bettors_lab: Lab, pictures: Path
) -> None:
    open_notebook(page, bettors_lab, LESSON)
    new = _run(page, 't.kubectl("get pods -o wide")')
    assert "Run All Above Selected Cell" in _outputs(new)
    assert "Traceback" not in _outputs(new)

    _run(page, "t = connect()")
    card = _run(page, 't.guess("pods-a")').locator(".k8s-tutor-bet")
    card.locator("label", has_text="no, it is still there").click()
    card.locator(".said", has_text="Your bet").wait_for()
    answer = _run(page, 't.timeline("pod/count")')
    assert "so it is" in _outputs(answer)
    card.locator(".said", has_text="so it is").wait_for()
    card.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "bet.png")
    assert card.locator("input:enabled").count() == 0

    jumped = _run(page, 't.logs("pod/crash")')
    assert "was not run: Run → Run All Above Selected Cell" in _outputs(jumped)


def test_the_committed_page_is_one_line_of_text_for_a_bet(lab: Lab) -> None:
    original = Path(__file__).resolve().parents[2] / "lessons" / "en" / LESSON
    cells = json.loads(original.read_text(encoding="utf-8"))["cells"]
    (asked,) = [cell for cell in cells if "".join(cell["source"]) == 't.guess("pods-a")']
    (output,) = asked["outputs"]
    assert list(output["data"]) == ["text/plain"]
    assert len(output["data"]["text/plain"]) == 1
    copy = json.loads((lab.folder / LESSON).read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in copy)
