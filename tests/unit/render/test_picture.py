from __future__ import annotations

import base64
import re
from html import unescape
from pathlib import Path

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.build import build
from k8s_tutor.language.choice import use_language
from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.picture import Picture, picture
from k8s_tutor.render.timeline import draw_timeline


@pytest.fixture(scope="module")
def shop(unready: Snapshot) -> Picture:
    return picture(build(unready, "service/shop"))


def test_a_notebook_shows_an_image_whose_alternative_text_is_the_twin(shop: Picture) -> None:
    bundle = shop._repr_mimebundle_()
    assert bundle["text/plain"] == shop.alt_text
    found = re.fullmatch(
        r'<img alt="(.*)" src="data:image/svg\+xml;base64,(.*)" style=".*">', bundle["text/html"], re.S
    )
    assert found is not None
    alt, data = found.groups()
    assert unescape(alt) == shop.alt_text
    assert base64.b64decode(data).decode() == shop.svg


def test_a_still_picture_is_never_made_smaller(shop: Picture) -> None:
    assert 'style="max-width:none;height:auto"' in shop._repr_mimebundle_()["text/html"]


def test_the_twin_says_who_is_ready_and_why_the_other_is_not(shop: Picture) -> None:
    assert shop.alt_text.splitlines()[:2] == [
        "Service shop → 2 of 3 Pods ready",
        "  Pod shop-758964bfdc-2cnhd: Not ready: readiness probe 503",
    ]


def test_a_picture_saves_as_svg_text_and_dot(shop: Picture, tmp_path: Path) -> None:
    assert shop.save(tmp_path / "a.svg").read_text(encoding="utf-8") == shop.svg
    assert shop.save(tmp_path / "a.txt").read_text(encoding="utf-8") == shop.alt_text + "\n"
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
        draw_timeline(Recording(), "pod/web").to_dot()


def test_the_next_picture_leaves_cards_where_they_were(unready: Snapshot, seven: Snapshot) -> None:
    first = picture(build(unready, "service/shop"))
    second = picture(build(seven, "service/shop"), previous=first.layout)
    service = unready.find("service", "shop")
    assert service is not None
    uid = service["metadata"]["uid"]
    assert first.layout is not None
    assert second.layout is not None
    assert second.layout.places[uid] == first.layout.places[uid]


def test_one_graph_is_drawn_in_any_language(unready: Snapshot) -> None:
    graph = build(unready, "service/lonely")
    assert picture(graph).alt_text == "Service lonely → no endpoints\n  no Pod has app=nobody"
    chinese = picture(graph, lang="zh")
    assert chinese.alt_text == "Service lonely → 没有端点\n  没有 Pod 带有标签 app=nobody"
    assert "没有端点" in chinese.svg
    assert "endpoints" not in chinese.svg


def test_a_picture_speaks_the_readers_language(unready: Snapshot) -> None:
    use_language("zh")
    try:
        assert picture(build(unready, "pod/nobody")).alt_text == "Pod nobody 不存在"
    finally:
        use_language("")
