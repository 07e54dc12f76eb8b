"""What the playground's page works out by itself, under Node: names of controls, why some are off, where dots fly."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

pytest.importorskip("anywidget")
from k8s_tutor.render.playground import _WORDS, PlaygroundWidget

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")
WORDS = {key: str(word) for key, word in _WORDS.items()}
STATE: dict[str, Any] = {
    "app": {"name": "web", "replicas": 3, "most": 12, "next": "podinfo:6.9.2"},
    "pod": {"name": "web-6f77447f86-7snzk", "unready": False, "switchable": True},
    "node": {"name": "worker", "cordoned": False, "off": False, "why": ""},
    "traffic": {"rate": 0, "why": "", "answered": 7, "lost": [["refused", 2], ["503", 1]]},
    "time": {"paused": False, "why": ""},
}
EMPTY = {**STATE, "app": {**STATE["app"], "name": "", "replicas": 0}, "pod": {"name": "", "unready": False}}


def work_out(call: str) -> Any:
    """What the module says to a call."""
    program = (
        f"const code = {json.dumps(str(PlaygroundWidget._esm))};"
        "const page = await import('data:text/javascript;charset=utf-8,' + encodeURIComponent(code));"
        f"console.log(JSON.stringify(page.{call}));"
    )
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def labels(state: dict[str, Any]) -> Any:
    return work_out(f"label({json.dumps(state)}, {json.dumps(WORDS)})")


def reasons(state: dict[str, Any]) -> Any:
    return work_out(f"reasons({json.dumps(state)}, {json.dumps(WORDS)})")


def test_controls_name_what_they_act_upon() -> None:
    said = labels(STATE)
    assert (said["app"], said["pod"], said["roll"]) == ("web", "web…7snzk", "Roll out podinfo:6.9.2")
    assert (said["answered"], said["lost"], said["reasons"]) == ("7 answered", "3 lost", "refused: 2, 503: 1")


def test_a_control_offers_the_way_back() -> None:
    back = {
        **STATE,
        "pod": {**STATE["pod"], "unready": True},
        "node": {**STATE["node"], "cordoned": True, "off": True},
        "time": {"paused": True, "why": ""},
    }
    said = labels(back)
    expected = ["Mend readiness", "Uncordon", "Plug in", "Go on"]
    assert [said[key] for key in ("readiness", "cordon", "unplug", "pause")] == expected


def test_what_can_be_done_is_not_off() -> None:
    assert not any(reasons(STATE).values())


def test_what_cannot_be_done_says_why() -> None:
    off = reasons(
        {**EMPTY, "traffic": {**STATE["traffic"], "why": "no Service"}, "time": {"paused": False, "why": "real"}}
    )
    assert (off["roll"], off["kill"], off["rate"]) == (
        "There is no Deployment yet.",
        "There is no Pod yet.",
        "no Service",
    )
    assert {off[name] for name in ("pause", "step", "speed", "back")} == {"real"}
    assert not off["cordon"]


def test_requests_that_are_on_can_be_stopped_though_the_service_is_gone() -> None:
    assert reasons({**STATE, "traffic": {**STATE["traffic"], "rate": 5, "why": "no Service"}})["rate"] == ""


def test_the_dots_of_a_burst_set_out_one_after_the_other() -> None:
    sent = work_out("flights(['a', '', 'b', 'a'], 400)")
    assert [(one["pod"], one["delay"]) for one in sent] == [("a", 0), ("", 100), ("b", 200), ("a", 300)]
