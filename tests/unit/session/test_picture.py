"""`t.picture` shows a drawing of the lesson in the reader's language, in words where there is no notebook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import UsageError
from k8s_tutor.language.choice import use_language
from k8s_tutor.session import Session


@pytest.fixture
def t() -> Iterator[Session]:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda text: None)
    yield session
    use_language("")
    session.close()


def test_a_page_is_shown_in_the_reader_s_language(t: Session, capsys: pytest.CaptureFixture[str]) -> None:
    t.lesson("picture-book")
    for language in ("en", "zh"):
        use_language(language)
        t.picture("alone")
    said = capsys.readouterr().out
    assert "1 / 14  A program that needs a home" in said
    assert "1 / 14  没有家的小程序" in said


POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.22"}]},
}  # fmt: skip


def test_what_is_ours_and_what_nobody_made_stays_out(t: Session, capsys: pytest.CaptureFixture[str]) -> None:
    t.lesson("pods")
    t.apply(POD)
    t.wait("pod/web", "Ready")
    t.traffic("pod/web", requests=3, port=80)  # from a Pod of ours
    t.client.refresh_kinds()  # what somebody does who asks for a custom kind: the measurements are among them
    assert "PodMetrics" in {kind.kind for kind in t.client.custom_kinds}
    assert "k8s-tutor-client" in {pod["metadata"]["name"] for pod in t.client.list("pods", t.namespace)}
    for lens in ("default", "ownership", "traffic", "placement"):
        told = t.graph(lens=lens).alt_text
        assert "k8s-tutor-client" not in told
        assert "PodMetrics" not in told


def test_a_card_of_a_live_picture_says_what_it_is_and_why(t: Session) -> None:
    t.lesson("pods")
    broken = {**POD["spec"], "containers": [{"name": "web", "image": "no.such/shop:1"}]}  # type: ignore[dict-item]
    t.apply({**POD, "spec": broken})
    t.wait("pod/web", "ImagePullBackOff")
    widget = t.watch()
    (card,) = widget.frame["asks"]  # type: ignore[attr-defined]
    widget.asked = card  # type: ignore[attr-defined]
    said = widget.said["html"]  # type: ignore[attr-defined]
    for words in (
        "The smallest thing Kubernetes starts", "ImagePullBackOff", "Failed ", "no.such/shop:1",
        "kubectl describe pod web -n lesson-pods",
    ):  # fmt: skip
        assert words in said
    widget.close()  # type: ignore[attr-defined]


def test_without_a_lesson_there_is_nothing_to_show(t: Session) -> None:
    with pytest.raises(UsageError, match="No lesson has begun"):
        t.picture("alone")
