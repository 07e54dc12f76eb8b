from __future__ import annotations

import ast
import base64
import re
from html import unescape
from pathlib import Path

import pytest

import k8s_tutor.graph
from k8s_tutor.errors import UsageError
from k8s_tutor.graph.build import build
from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.lifeline import life
from k8s_tutor.render.picture import Picture, picture
from k8s_tutor.render.words import CATALOGUES


@pytest.fixture(scope="module")
def shop(unready: Snapshot) -> Picture:
    return picture(build(unready, "service/shop"))


def test_a_notebook_shows_an_image_whose_alternative_text_is_the_twin(shop: Picture) -> None:
    bundle = shop._repr_mimebundle_()
    assert bundle["text/plain"] == shop.twin
    found = re.fullmatch(
        r'<img alt="(.*)" src="data:image/svg\+xml;base64,(.*)" style=".*">', bundle["text/html"], re.S
    )
    assert found is not None
    alt, data = found.groups()
    assert unescape(alt) == shop.twin
    assert base64.b64decode(data).decode() == shop.svg


def test_the_twin_says_who_is_ready_and_why_the_other_is_not(shop: Picture) -> None:
    assert shop.twin.splitlines()[:2] == [
        "Service shop → 2 of 3 Pods ready",
        "  Pod shop-758964bfdc-2cnhd: Not ready: readiness probe 503",
    ]


def test_a_picture_saves_as_svg_text_and_dot(shop: Picture, tmp_path: Path) -> None:
    assert shop.save(tmp_path / "a.svg").read_text(encoding="utf-8") == shop.svg
    assert shop.save(tmp_path / "a.txt").read_text(encoding="utf-8") == shop.twin + "\n"
    assert shop.save(tmp_path / "a.dot").read_text(encoding="utf-8").startswith("digraph k8s_tutor {")


def test_pixels_without_the_graphviz_program_are_refused_with_a_way_out(
    shop: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="needs the Graphviz program") as error:
        shop.save(tmp_path / "a.png")
    assert ".svg" in error.value.next_step


def test_an_unknown_ending_is_refused(shop: Picture, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be saved as \".docx\""):
        shop.save(tmp_path / "a.docx")


def test_dot_holds_every_card_and_every_line(shop: Picture) -> None:
    source = shop.to_dot()
    assert source.count("[label=") + source.count("label=") >= 4
    assert source.count("->") == 3
    assert "style=dashed" in source
    assert "readiness probe 503" in source


def test_a_time_line_is_no_graph() -> None:
    with pytest.raises(UsageError, match="no graph"):
        life(Recording(), "pod/web").to_dot()


def test_the_next_picture_leaves_cards_where_they_were(unready: Snapshot, seven: Snapshot) -> None:
    first = picture(build(unready, "service/shop"))
    second = picture(build(seven, "service/shop"), previous=first.layout)
    service = unready.find("service", "shop")
    assert service is not None
    uid = service["metadata"]["uid"]
    assert first.layout is not None
    assert second.layout is not None
    assert second.layout.places[uid] == first.layout.places[uid]


def test_every_phrase_that_graphs_use_is_in_every_catalogue() -> None:
    for catalogue in CATALOGUES.values():
        assert used_keys() <= catalogue.keys()


@pytest.mark.parametrize("probe", ["readiness", "liveness", "startup"])
@pytest.mark.parametrize("ending", ["code", "refused", "late", "says", "failed"])
def test_every_answer_of_every_probe_has_words(probe: str, ending: str) -> None:
    assert f"{probe}-{ending}" in CATALOGUES["en"]


def used_keys() -> set[str]:
    """The literal first arguments of `phrase(...)` in the rooms that speak."""
    package = Path(k8s_tutor.graph.__file__).parents[1]
    calls = (
        node
        for room in ("graph", "render")
        for path in sorted((package / room).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase"
    )
    return {
        call.args[0].value
        for call in calls
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }
