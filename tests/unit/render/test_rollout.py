"""The picture of a rollout: small whatever its size, the same facts in shapes and in words, alive."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from k8s_tutor.graph.build import build
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.picture import Picture, picture
from tests.unit.graph.test_rollout import deployment, pod, version

_SVG = "{http://www.w3.org/2000/svg}"
_SCREEN = 900  # pixels


def drawn(snapshot: Snapshot) -> Picture:
    return picture(build(snapshot, "deploy/web", "rollout"))


def texts(shown: Picture) -> list[str]:
    """What stands in the picture for eyes."""
    root = ElementTree.fromstring(shown.svg)
    return ["".join([node.text or "", *(child.tail or "" for child in node)]) for node in root.iter(f"{_SVG}text")]


def crowd(pods: int) -> Snapshot:
    """A rollout of so many Pods, half way, with one in ten not ready."""
    half = pods // 2
    every = [pod(number, 1 + (number >= half), ready=bool(number % 10)) for number in range(pods)]
    sets = [version(1, "6.9.1", (half, half, half, half)), version(2, "6.9.2", (pods - half, pods - half, 0, 0))]
    return Snapshot([deployment(pods), *sets, *every])


@pytest.mark.parametrize("pods", [4, 40, 500])
def test_no_rollout_takes_more_than_two_screens(pods: int) -> None:
    height = ElementTree.fromstring(drawn(crowd(pods)).svg).attrib["height"]
    assert float(height) <= 2 * _SCREEN


def test_no_text_is_smaller_than_eleven_pixels(moving: Snapshot) -> None:
    sizes = re.findall(r'font-size[=:]"?([\d.]+)', drawn(moving).svg)
    assert min(map(float, sizes)) >= 11


def test_the_numbers_of_the_twin_stand_beside_the_bars(stuck: Snapshot) -> None:
    shown = drawn(stuck)
    for name, number in re.findall(r"(desired|current|ready|available) (\d+)(?:,|$)", shown.alt_text, re.M):
        assert any(first == name and number in others for first, *others in pairs(texts(shown))), name


def pairs(words: list[str]) -> list[list[str]]:
    """Each text with the next three: a bar's name stands before its number."""
    return [words[at : at + 4] for at in range(len(words))]


def test_limits_are_written_at_the_edges_of_the_band(moving: Snapshot) -> None:
    assert {
        "at most 5 Pods: 4 wanted + 1 surge",
        "at least 3 available: 4 wanted − 1 unavailable",
        "wanted: 4",
    } <= set(texts(drawn(moving)))


def test_a_recreation_has_no_band() -> None:
    top = deployment(2, strategy={"type": "Recreate"})
    shown = drawn(Snapshot([top, version(1, "6.9.2", (2, 2, 2, 2))]))
    assert "at most" not in shown.alt_text
    assert not any(text.startswith("at most") for text in texts(shown))


def test_old_and_new_differ_in_more_than_colour(moving: Snapshot) -> None:
    shown = drawn(moving)
    assert {"old", "new", "old 3", "new 2"} <= set(texts(shown))
    assert shown.svg.count("fill:var(--lane);stroke:var(--own)") >= 6  # hollow bars


def test_everything_can_be_walked_to_and_says_what_it_is(moving: Snapshot) -> None:
    nodes = [node for node in ElementTree.fromstring(drawn(moving).svg).iter() if node.get("tabindex") == "0"]
    said = [str(node.get("aria-label")) for node in nodes]
    assert len(said) == 9  # the Deployment, two ReplicaSets, six Pods
    assert any("desired 2, current 2, ready 0, available 0" in text for text in said)


def test_a_live_picture_follows_counts_too(moving: Snapshot, stuck: Snapshot) -> None:
    pytest.importorskip("anywidget")
    from k8s_tutor.render.live import live  # noqa: PLC0415
    from tests.unit.render.test_live import Source  # noqa: PLC0415

    source = Source(moving)
    widget = live(source, "deploy/web", "rollout")  # type: ignore[arg-type]
    source.tell(stuck)
    assert widget.frame["alt_text"].startswith("Deployment web: Stuck")
    assert "<style>" not in widget.frame["svg"]
    widget.close()


@pytest.mark.parametrize("pods", [4, 500])
def test_on_half_a_laptop_versions_stand_below_each_other_and_say_the_same(pods: int) -> None:
    wide = drawn(crowd(pods))
    narrow = picture(build(crowd(pods), "deploy/web", "rollout"), room=600)
    assert float(ElementTree.fromstring(narrow.svg).attrib["width"]) <= 600
    assert narrow.alt_text == wide.alt_text
    assert {text for text in texts(wide) if "…" not in text} <= set(texts(narrow)) | {"wanted: 4", f"wanted: {pods}"}
