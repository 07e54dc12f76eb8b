"""What a learner reads when something is wrong: what, where, what next. Never a traceback of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.product.conftest import Kernel

POD = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: web
    image: {image}
"""
GOOD = POD.format(name="web", image="nginx:1.22")
# Each fault with what its message must hold: the place first.
FAULTY = {
    "a tab": (GOOD.replace("  name: web\n", "\tname: web\n", 1), ["line 4", "tab"]),
    "an unknown field": (GOOD.replace("image:", "imgae:"), ["imgae", "spec.containers[0]", "image"]),
    "a wrong type": (GOOD + "  terminationGracePeriodSeconds: soon\n", ["terminationGracePeriodSeconds", "line 9"]),
    "a missing name": (GOOD.replace("  name: web\n", "  labels: {a: b}\n", 1), ["name"]),
    "no kind": (GOOD.replace("kind: Pod\n", ""), ["kind"]),
    "an unknown kind": (GOOD.replace("kind: Pod", "kind: Pot"), ["Pot", "Pod"]),
    "an open bracket": (GOOD.replace("nginx:1.22", "[nginx"), ["line 8"]),
}


def _assert_kind_words(error: str) -> None:
    assert error, "the cell ended as if all were well"
    assert "Traceback" not in error
    assert not re.search(r'File "|\.py\b|site-packages', error), error


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_manifest_says_where_and_what(kernel: Kernel, fault: str) -> None:
    manifest, says = FAULTY[fault]
    error = kernel.run(f"t.apply({manifest!r})").error
    _assert_kind_words(error)
    assert [word for word in says if word not in error] == [], error


@pytest.mark.parametrize("fault", FAULTY)
def test_the_magic_says_the_same_and_the_cell_keeps_its_text(kernel: Kernel, fault: str) -> None:
    manifest, says = FAULTY[fault]
    error = kernel.run(f"%%apply\n{manifest}").error
    _assert_kind_words(error)
    assert [word for word in says if word not in error] == [], error
    assert manifest.strip().splitlines()[-1].strip() in kernel.run("print(In[-2])").text


def test_a_wait_for_an_unknown_image_ends_with_the_cause_and_what_to_do(kernel: Kernel) -> None:
    assert kernel.run(f"t.apply({POD.format(name='unknown', image='no.such/image:1')!r})").error == ""
    error = kernel.run('t.wait("pod/unknown", "Ready", timeout=30)').error
    _assert_kind_words(error)
    assert "no.such/image:1" in error
    assert re.search(r"ErrImagePull|ImagePullBackOff", error)
    assert "Next:" in error


def test_a_taken_name_says_what_cannot_be_changed_and_what_to_do(kernel: Kernel) -> None:
    assert kernel.run(f"t.apply({POD.format(name='taken', image='nginx:1.22')!r})").error == ""
    again = POD.format(name="taken", image="nginx:1.22").replace("- name: web", "- name: other")
    error = kernel.run(f"t.apply({again!r})").error
    _assert_kind_words(error)
    assert "taken" in error
    assert "Next:" in error


@pytest.mark.parametrize(
    ("call", "says"),
    [
        pytest.param('t.get("pod/nobody")', "nobody", id="an object that is not there"),
        pytest.param('t.get("pot/web")', "pod", id="a misspelt kind"),
        pytest.param('t.check("pods-99")', "pods-", id="an exercise that is not there"),
        pytest.param('t.lesson("pots")', "pods", id="a misspelt lesson"),
        pytest.param('connect("kinnd")', "kind", id="a misspelt cluster"),
        pytest.param('t.logs("pod/nobody")', "nobody", id="logs of nobody"),
        pytest.param('t.kubectl("gett pods")', "get", id="a misspelt command"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_thing(kernel: Kernel, call: str, says: str) -> None:
    error = kernel.run(call).error
    _assert_kind_words(error)
    assert says in error
