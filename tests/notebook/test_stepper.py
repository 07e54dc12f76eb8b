"""The stepper in a real browser, without a notebook around it: buttons, keys, and what is still hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.runs import Act, Fact, Run
from k8s_tutor.session.steps import Steps

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("anywidget")
from k8s_tutor.render.steps import Stepper

pytestmark = pytest.mark.browser

# A model as anywidget gives it to the front end: values by name, and listeners for their changes.
HARNESS = """
<!doctype html><html data-theme="%s"><meta charset="utf-8"><style>%s</style><body><div id="here"></div>
<script type="module">
const values = %s, listeners = [];
const widget = await import("data:text/javascript;charset=utf-8," + encodeURIComponent(%s));
window.model = {
  get: (name) => values[name], on: (_, f) => listeners.push(f), off: () => {},
  set: (name, value) => { values[name] = value; listeners.forEach((f) => f()); },
};
widget.default.render({ model: window.model, el: document.getElementById("here") });
</script>
"""
RUNS = (
    Run(1, "EtcdCluster db created", (Fact("wanted", "3"), Fact("running", "none")), "spec.size · Pods app=db",
        ("db-0 is missing",), "the first member begins alone", (Act("create Pod db-0"),)),
    Run(2, "Pod db-0 changed", (Fact("wanted", "3"), Fact("running", "db-0")), "", ("db-1 is missing",), "",
        (Act("create Pod db-1", "exceeded quota"),)),
    Run(3, "Pod db-1 changed", (Fact("running", "db-0, db-1, db-2"),), "", ("nothing is missing",), times=4),
)  # fmt: skip


@pytest.fixture
def stepper(page: Page, tmp_path: Path) -> Page:
    widget = Stepper(Steps("EtcdCluster db", RUNS))
    values = json.dumps({"frames": widget.frames, "words": widget.words})
    css, code = str(widget._css), str(widget._esm)
    text = HARNESS % ("light", css, values.replace("</", "<\\/"), json.dumps(code).replace("</", "<\\/"))
    widget.close()
    file = tmp_path / "stepper.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    page.locator(".stage svg").wait_for()
    return page


def seen(page: Page) -> list[str]:
    """The steps whose words are to be seen."""
    said = page.locator(".step .said")
    steps = page.locator(".step")
    return [
        str(steps.nth(index).get_attribute("data-step"))
        for index in range(said.count())
        if said.nth(index).evaluate("element => getComputedStyle(element).visibility") == "visible"
    ]


def heard(page: Page) -> str:
    return page.locator(".spoken").inner_text()


def test_a_step_at_a_time_and_back(stepper: Page) -> None:
    back, step = stepper.locator("button.back"), stepper.locator("button.step")
    assert back.is_disabled()
    assert seen(stepper) == ["observe"]
    step.click()
    assert seen(stepper) == ["observe", "analyse"]
    assert heard(stepper) == "analysed: db-0 is missing (the first member begins alone)"
    step.click()
    step.click()
    assert seen(stepper) == ["observe"]
    assert heard(stepper).startswith("EtcdCluster db, run 2 of 3: Pod db-0 changed.")
    back.click()
    assert seen(stepper) == ["observe", "analyse", "act"]


def test_keys_go_the_same_ways(stepper: Page) -> None:
    stepper.locator(".k8s-tutor-steps").focus()
    for key, state in (("End", "3 / 3"), ("PageUp", "2 / 3"), ("ArrowRight", "2 / 3"), ("Home", "1 / 3")):
        stepper.keyboard.press(key)
        assert stepper.locator(".state").inner_text() == state
    stepper.keyboard.press("ArrowRight")
    assert seen(stepper) == ["observe", "analyse"]


def test_it_runs_by_itself_to_the_end(stepper: Page) -> None:
    stepper.locator("input.line").fill("2")
    stepper.locator("button.run").click()
    stepper.locator("button.step:disabled").wait_for()
    assert heard(stepper) == "acted: nothing to do"


def test_runs_that_come_later_are_there_at_once(stepper: Page, pictures: Path) -> None:
    stepper.evaluate("model.set('frames', [...model.get('frames'), model.get('frames')[0]])")
    assert stepper.locator(".state").inner_text() == "1 / 4"
    stepper.locator("button.step").click()
    stepper.screenshot(path=pictures / "stepper.png")
