"""The board: what learners' sessions write, what is made of it, and the page that shows it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import urllib3

from k8s_tutor.api.client import Client
from k8s_tutor.clock import rfc3339
from k8s_tutor.course.progress import RECORD, Attendance, Register, Try
from k8s_tutor.session.cluster_session import ClusterSession
from k8s_tutor.workshop.board import Board, Presence, Row, board, draw, read_board
from k8s_tutor.workshop.classroom import Classroom
from k8s_tutor.workshop.pages import BoardPages, LocalPages
from tests.limited_user import grant
from tests.unit.workshop.conftest import Sits

if TYPE_CHECKING:
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster

SOLVED = "{apiVersion: v1, kind: Pod, metadata: {name: hello}, spec: {containers: [{name: web, image: 'nginx:1.22'}]}}"
BROKEN = "{apiVersion: v1, kind: Pod, metadata: {name: bad}, spec: {containers: [{name: web, image: 'nope:1'}]}}"
EVIL = "<img src=x onerror=alert(1)>\x1b[31m"


def row_of(room: Classroom, name: str) -> Row:
    return next(row for row in read_board(room).rows if row.name == name)


def test_who_has_not_come_yet_is_not_here(room: Classroom) -> None:
    assert [(row.name, row.presence) for row in read_board(room).rows] == [
        ("Anna", Presence.ABSENT),
        ("Ben", Presence.ABSENT),
    ]


def test_a_session_says_where_its_learner_is(room: Classroom, sits: Sits) -> None:
    session = sits("Anna")
    session.lesson("pods")
    session.exercise("pods-1")
    row = row_of(room, "Anna")
    assert (row.presence, row.lesson, row.solved, row.exercise) == (Presence.WORKING, "pods", 0, "pods-1")
    session._exercises.progress._add("pods-1", {"attempts": 1, "solved": True})
    row = row_of(room, "Anna")
    assert (row.solved, row.total, row.exercise) == (1, 1, "")
    assert row_of(room, "Ben").presence is Presence.ABSENT


def test_who_is_at_one_exercise_for_ten_minutes_is_stuck(room: Classroom, admin: Client) -> None:
    now = room.clock.now()
    tried = json.dumps({"begun": rfc3339(now - 700), "attempts": 3, "hints": 1, "solved": False})
    notes = {"k8s-tutor.dev/lesson-now": "pods", "exercise.k8s-tutor.dev/pods-2": tried}
    body = {"metadata": {"annotations": notes}, "spec": {"renewTime": f"{rfc3339(now)[:-1]}.000000Z"}}
    admin.patch("leases", RECORD, body, room.find("Ben").namespace)
    row = row_of(room, "Ben")
    assert (row.presence, row.exercise) == (Presence.STUCK, "pods-2")
    assert row.minutes >= 11
    assert "1 stuck" in read_board(room).title


def test_what_is_broken_is_said_of_its_own_namespace(room: Classroom, sits: Sits) -> None:
    session = sits("Anna")
    session.lesson("pods")
    session.apply(BROKEN)
    session.wait("pod/bad", lambda pod: "Pull" in str(pod.get("status")), timeout=60)  # it waits before that, too
    assert row_of(room, "Anna").broken[0].startswith("✖ Pod bad: ")
    assert row_of(room, "Ben").broken == ()
    assert "bad" in draw(room, "Anna").alt_text


def test_nothing_is_written_where_no_workshop_has_prepared_it(cluster: EmbeddedCluster, admin: Client) -> None:
    grant(admin, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}})
    Register(admin, cluster.clock, "elsewhere").enter("pods")
    assert admin.list("leases", "elsewhere") == []
    mine = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": RECORD}}
    admin.create(mine, "elsewhere")
    Register(admin, cluster.clock, "elsewhere").enter("pods")
    assert "annotations" not in admin.get("leases", RECORD, "elsewhere")["metadata"]


@pytest.mark.parametrize("text", ["{", "[]", '{"attempts": "many", "begun": 7, "solved": "yes"}', '{"hints": -3}'])
def test_a_record_that_somebody_edited_breaks_no_board(text: str) -> None:
    record = {"metadata": {"annotations": {"exercise.k8s-tutor.dev/pods-1": text}}, "spec": {"renewTime": "soon"}}
    assert Attendance.of(record) == Attendance(tries={"pods-1": Try()})


# ---- how it is shown


def test_names_are_hidden_everywhere(room: Classroom) -> None:
    now = read_board(room, hide_names=True)
    for shown in (str(now), now.to_json(), now.html()):
        assert "Anna" not in shown
        assert "anna" not in shown
    assert now.rows[1].name == "learner 2"


def test_a_table_has_a_glyph_and_a_word_for_each_state() -> None:
    rows = tuple(Row(one.value, one.value, one) for one in Presence)
    cells = [row.cells[1] for row in rows]
    assert len({cell.split()[0] for cell in cells}) == len(Presence)
    assert all(len(cell.split(maxsplit=1)) == 2 for cell in cells)


def test_columns_keep_their_edge_beside_chinese_names() -> None:
    rows = (Row("王芳", "a", Presence.WORKING, "pods"), Row("Anna", "b", Presence.STUCK, "pods"))
    first, second = str(Board("class", rows, 0.0)).splitlines()[1:3]
    assert first.index("●") + 2 == second.index("▲")  # two characters, each as wide as two


def test_what_a_learner_has_named_cannot_act_on_the_page() -> None:
    shown = Board("class", (Row("a", "a", Presence.WORKING, EVIL, exercise=EVIL, broken=(EVIL,)),), 0.0).html()
    assert "<img" not in shown


def test_the_page_answers_this_machine_alone_and_who_knows_its_address(room: Classroom) -> None:
    with LocalPages(BoardPages(room, lambda: read_board(room)).answer) as server:
        whole = urllib3.request("GET", server.url)
        rows = urllib3.request("GET", f"{server.url}rows")
        data = urllib3.request("GET", f"{server.url}board.json").json()
        picture = urllib3.request("GET", f"{server.url}picture/{quote(room.find('Anna').label)}")
        nobody = urllib3.request("GET", f"{server.url}picture/nobody")
        stranger = urllib3.request("GET", server.url, headers={"Host": "evil.example"})
        guessed = urllib3.request("GET", f"{server.url.rstrip('/').rpartition('/')[0]}/board.json")
    assert (whole.status, rows.status, stranger.status, guessed.status) == (200, 200, 403, 403)
    assert rows.data.partition(b"<tbody>")[2] in whole.data  # above it stands the time of day
    assert [one["name"] for one in data["learners"]] == ["Anna", "Ben"]
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert "Nobody in workshop class is called nobody" in nobody.data.decode()
    assert b"Anna" not in stranger.data + guessed.data


def test_a_board_in_a_notebook_follows_until_it_is_closed(
    room: Classroom, cluster: EmbeddedCluster, sits: Sits
) -> None:
    t = ClusterSession(cluster, say=lambda _: None)
    page = board(t, room.workshop)
    changed = threading.Event()
    page.observe(lambda change: changed.set() if ">pods<" in change["new"]["html"] else None, "shown")
    try:
        assert "not here yet" in page.shown["text"]
        sits("Anna").lesson("pods")
        assert changed.wait(20)
        bundle, _ = page._repr_mimebundle_()
        assert bundle["text/plain"] == page.shown["text"]
    finally:
        page.close()
    for thread in [one for one in threading.enumerate() if one.name == "board"]:
        thread.join(20)
        assert not thread.is_alive()
