import json
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.authoring.factory import CourseBuilder
from k8s_tutor.authoring.outputs import banners, differences, normalised, sanitised
from k8s_tutor.authoring.source import LessonError, dumps, fingerprint, notebook, with_solutions
from k8s_tutor.course.record import read_course

SOURCE = """\
# %% [markdown]
# # Title
#
# Prose.
#
# <!-- zh {of} -->
# # 标题
#
# 文字。

# %%
print(1)

# %% tags=["solution"]
print("the answer")

# %%
t.check("pods-1")
"""

RECORD = """
[course]
name = "trial"
title.en = "A trial"

[[lesson]]
number = 1
name = "test"
minutes = 1
title.en = "Test"
learn.en = "test"
"""


def _course(folder: Path, text: str = "") -> CourseBuilder:
    english = fingerprint("# Title\n\nProse.")
    (folder / "01_test").mkdir(exist_ok=True)
    (folder / "course.toml").write_text(RECORD, encoding="utf-8")
    (folder / "01_test" / "lesson.py").write_text(text or SOURCE.format(of=english), encoding="utf-8")
    return CourseBuilder(read_course(folder))


def _write(course: CourseBuilder, change: Any = None) -> None:
    built = course.notebook(course.sources()[0], "en")
    for number, cell in enumerate(cell for cell in built["cells"] if cell["cell_type"] == "code"):
        cell |= {"execution_count": number + 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n"}]}
    if change is not None:
        change(built["cells"])
    path = course.notebook_path(course.sources()[0], "en")
    path.parent.mkdir(exist_ok=True)
    path.write_text(dumps(built), encoding="utf-8")


def test_each_language_gets_its_own_prose_and_the_same_code(tmp_path: Path) -> None:
    source = _course(tmp_path).sources()[0]
    english, chinese = notebook(source, "en")["cells"], notebook(source, "zh")["cells"]
    assert english[0]["source"] == "# Title\n\nProse."
    assert chinese[0]["source"] == "# 标题\n\n文字。"
    assert english[1]["source"] == chinese[1]["source"] == "print(1)"


def test_solutions_are_taken_out(tmp_path: Path) -> None:
    assert "the answer" not in dumps(notebook(_course(tmp_path).sources()[0]))


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    source = _course(tmp_path).sources()[0]
    assert dumps(notebook(source)) == dumps(notebook(source))
    assert [cell["id"] for cell in notebook(source)["cells"]] == ["01-test-01", "01-test-02", "01-test-03"]


def test_a_solution_goes_in_before_its_check(tmp_path: Path) -> None:
    solved = with_solutions(notebook(_course(tmp_path).sources()[0]), {"pods-1": "solve()"})
    assert [cell["source"] for cell in solved["cells"]][-2:] == ["solve()", 't.check("pods-1")']


def test_a_notebook_in_step_with_its_source_has_no_complaints(tmp_path: Path) -> None:
    course = _course(tmp_path)
    _write(course)
    assert course.drift() == []


def test_a_changed_source_is_named_by_its_cell(tmp_path: Path) -> None:
    course = _course(tmp_path)
    _write(course)
    changed = _course(tmp_path, SOURCE.format(of=fingerprint("# Title\n\nProse.")).replace("print(1)", "print(2)"))
    (complaint,) = changed.drift()
    assert complaint.startswith(f"{tmp_path / '01_test' / 'lesson.py'}, line 12, cell 2 ('print(2)'): ")
    assert f"run `k8s-tutor lesson build {tmp_path}`" in complaint


def test_a_cell_that_fails_stops_the_build_and_is_named(tmp_path: Path) -> None:
    text = SOURCE.format(of=fingerprint("# Title\n\nProse.")).replace("print(1)", "1 / 0")
    with pytest.raises(LessonError) as caught:
        _course(tmp_path, text).build(print)
    where = f"{tmp_path / '01_test' / 'lesson.py'}, line 12, cell 2 ('1 / 0')"
    assert caught.value.what == f"{where}: did not run through."
    assert "ZeroDivisionError" in caught.value.why
    assert not (tmp_path / "en").exists()


def test_a_missing_notebook_and_a_stray_one_are_named(tmp_path: Path) -> None:
    course = _course(tmp_path)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "99_old.ipynb").write_text("{}", encoding="utf-8")
    named = [str(tmp_path / "en" / name) for name in ("01_test.ipynb", "99_old.ipynb")]
    assert [line.partition(":")[0] for line in course.drift()] == named


def test_a_translation_of_an_older_text_is_noticed(tmp_path: Path) -> None:
    (complaint,) = _course(tmp_path, SOURCE.format(of="0" * 8)).sources()[0].complaints()
    assert "lesson.py, line 6, cell 1 ('# Title'): its zh text translates an older English text" in complaint


def test_a_missing_translation_is_noticed_when_the_language_is_built(tmp_path: Path) -> None:
    source = _course(tmp_path, "# %% [markdown]\n# Prose.\n").sources()[0]
    assert source.complaints(("en",)) == []
    assert "is not translated into zh" in source.complaints(("en", "zh"))[0]


def test_a_long_cell_and_a_helper_are_refused(tmp_path: Path) -> None:
    long = "# %%\n" + "x = 1\n" * 13 + "\n# %%\ndef help_me():\n    pass\n"
    complaints = _course(tmp_path, long).sources()[0].complaints()
    assert "lesson.py, line 2, cell 1 ('x = 1'): 13 lines of code" in complaints[0]
    assert "lesson.py, line 17, cell 2 ('def help_me():'): defines something" in complaints[1]


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ({"output_type": "stream", "name": "stdout", "text": "Traceback (most recent call last)"}, "a traceback"),
        ({"output_type": "stream", "name": "stderr", "text": "✗ Something went wrong"}, "an error of ours"),
        ({"output_type": "stream", "name": "stdout", "text": "saved in /home/ada/x.svg"}, "a machine path"),
        ({"output_type": "stream", "name": "stdout", "text": "C:\\Users\\ada"}, "a machine path"),
        ({"output_type": "error", "ename": "E", "evalue": "boom", "traceback": []}, "ended in an error: boom"),
        (
            {"output_type": "stream", "name": "stdout", "text": "<x.Y object at 0x7f00>"},
            "the address of a Python object",
        ),
    ],
)
def test_what_no_output_may_show(tmp_path: Path, output: dict[str, Any], what: str) -> None:
    course = _course(tmp_path)
    _write(course, lambda cells: cells[1].update(outputs=[output]))
    assert any(what in complaint for complaint in course.drift())


def test_a_verdict_is_no_banner(tmp_path: Path) -> None:
    course = _course(tmp_path)
    said = {"output_type": "stream", "name": "stdout", "text": "✗ pods-1 not yet: it waits"}
    _write(course, lambda cells: cells[1].update(outputs=[said]))
    assert course.drift() == []


def test_a_cell_that_was_never_run_is_named(tmp_path: Path) -> None:
    course = _course(tmp_path)
    _write(course, lambda cells: cells[1].update(execution_count=None))
    assert course.drift()[0].endswith("lesson.py, line 12, cell 2 ('print(1)'): was never run")


def test_widgets_and_timings_are_not_kept() -> None:
    data = {"text/plain": "twin", "application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": "",
        "execution_count": 1,
        "metadata": {"execution": {"iopub.status.busy": "2026"}, "tags": ["x"]},
        "outputs": [{"output_type": "display_data", "data": data, "metadata": {"isolated": True}}],
    }
    built = sanitised({"cells": [cell], "metadata": {"widgets": {"state": 1}}, "nbformat": 4, "nbformat_minor": 5})
    assert built["metadata"] == {"language_info": {}}
    assert built["cells"][0]["metadata"] == {"tags": ["x"]}
    assert built["cells"][0]["outputs"][0]["data"] == {"text/plain": "twin"}


def test_lines_of_progress_which_only_a_slow_machine_shows_are_not_kept() -> None:
    waited = {"output_type": "stream", "name": "stderr", "text": "waiting for pod/web\r                 \r"}
    said = {"output_type": "stream", "name": "stdout", "text": "waiting\rpod/web is Ready\n"}
    cell = {"id": "x", "cell_type": "code", "source": "", "metadata": {}, "outputs": [waited, said]}
    (kept,) = sanitised({"cells": [cell], "metadata": {}})["cells"][0]["outputs"]
    assert kept["text"] == "pod/web is Ready\n"


def test_pieces_of_one_stream_are_joined() -> None:
    pieces = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("a", "b")]
    cell = {"cell_type": "code", "id": "a", "source": "", "execution_count": 1, "metadata": {}, "outputs": pieces}
    built = sanitised({"cells": [cell], "metadata": {}})
    assert built["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "ab"}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "web   1/1   Running   0   3s   10.244.1.2   k8s-tutor-worker",
            "web  1/1  Running  0  2m10s  10.244.2.17  x-worker2",
        ),
        ("pod/web is Ready (after 1.2 s)", "pod/web is Ready (after 14 s)"),
        ("uid 238a887a-adb0-4c42-ba63-ce0e29e8e337", "uid 11111111-2222-3333-4444-555555555555"),
        ("at 2026-01-01T00:00:03Z", "at 2027-11-23T08:42:12Z"),
        ("! Failed  x2  kubelet  m", "! Failed  kubelet  m"),
        ('Failed to pull image "a:1": no such host', 'Failed to pull image "a:1": not found'),
        ("\rwaiting for pod/web\r                 \rdone", "done"),
        ("web-5ccfcdc679-8xcq5 runs", "web-6b7cf8d5b9-zzl2k runs"),
        ("Connected to embedded (…)", "Connected to kind (…)"),
        (
            "it gets an address of 203.0.113.0/24, from a simulated cloud.",
            "MetalLB  0/5 [00:00]\nit gets an address of 172.18.255.88-172.18.255.119, from X.",
        ),
        ("ReplicaSet web-5ccfcdc679: 2 of 2 ready", "ReplicaSet web-6b7cf8d5b: 2 of 2 ready"),
        ("web  NodePort  80:30960/TCP", "web  NodePort  80:31799/TCP"),
        ("NodePort 30960", "NodePort 31799"),
        ("1 (3s ago)", "1 (2m4s ago)"),
    ],
)
def test_what_differs_between_clusters_does_not_count(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Running", "Pending"),
        ("1/1", "0/1"),
        ("nginx:1.22", "nginx:1.23"),
        ("count 1", "count 2"),
        ("port 80", "port 8080"),
    ],
)
def test_what_matters_counts(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_differences_name_the_cell_and_skip_the_ignored(tmp_path: Path) -> None:
    course = _course(tmp_path)
    _write(course)
    one = json.loads(course.notebook_path(course.sources()[0], "en").read_text(encoding="utf-8"))
    other = json.loads(json.dumps(one).replace("1\\n", "2\\n"))
    assert len(differences(one, other)) == 2
    (only,) = differences(one, other, ignoring=("t.check",))
    assert only.startswith("cell 01-test-02 ('print(1)')")


def test_a_cell_that_shows_what_only_the_embedded_cluster_tells_may_differ() -> None:
    tagged = {**_drawn("run 8 of 17"), "metadata": {"tags": ["embedded-only"]}}
    elsewhere = {**_drawn("This cluster does not tell."), "metadata": tagged["metadata"]}
    assert differences({"cells": [tagged]}, {"cells": [elsewhere]}) == []


def _drawn(twin: str) -> dict[str, object]:
    data = {"text/html": "<img>", "text/plain": twin}
    picture = {"output_type": "execute_result", "data": data, "metadata": {}}
    return {"cell_type": "code", "id": "a", "source": "t.graph()", "outputs": [picture]}


def test_of_a_picture_it_counts_what_stands_under_what_and_not_who_is_older() -> None:
    one = "EtcdCluster db\n  Pod db-0: Ready\n  Service db\n    EndpointSlice db-26757\n  Pod db-1: Ready"
    other = "EtcdCluster db\n  Service db\n    EndpointSlice db-8xcq5\n  Pod db-1: Ready\n  Pod db-0: Ready"
    moved = "EtcdCluster db\n  Service db\n  Pod db-1: Ready\n    EndpointSlice db-8xcq5\n  Pod db-0: Ready"
    assert differences({"cells": [_drawn(one)]}, {"cells": [_drawn(other)]}) == []
    assert len(differences({"cells": [_drawn(one)]}, {"cells": [_drawn(moved)]})) == 1


def test_of_a_log_it_counts_what_was_said_and_not_on_which_stream_first() -> None:
    def cell(source: str, *lines: str) -> dict[str, object]:
        said = {"output_type": "stream", "name": "stdout", "text": "\n".join(lines)}
        return {"cells": [{"cell_type": "code", "id": "a", "source": source, "outputs": [said]}]}

    log = 't.logs("pod/crash")'
    assert differences(cell(log, "starting", "not found"), cell(log, "not found", "starting")) == []
    assert len(differences(cell(log, "starting", "not found"), cell(log, "starting"))) == 1
    assert len(differences(cell("print()", "one", "two"), cell("print()", "two", "one"))) == 1


def test_banners_reads_pictures_too() -> None:
    html = {"output_type": "display_data", "data": {"text/html": "see /tmp/x"}, "metadata": {}}
    cell = {"cell_type": "code", "id": "a", "source": "x", "execution_count": 1, "metadata": {}, "outputs": [html]}
    assert list(banners({"cells": [cell]})) == [("a", "shows a machine path")]


def test_lessons_begin_and_end_with_links_to_their_neighbours_that_the_record_names(small):
    builder = CourseBuilder(read_course(small()))
    first, second = (builder.notebook(source, "en")["cells"] for source in builder.sources())
    assert first[0]["source"] == "[lesson 2, Two](02_two.ipynb) →"
    assert first[-1]["source"].startswith("**Go on:** [lesson 2, Two](02_two.ipynb)")
    assert second[0]["source"] == "← [lesson 1, One](01_one.ipynb)"
    assert "t.sheet()" in second[-1]["source"]


def test_a_lesson_that_is_renamed_renews_the_links_to_it_without_running_others(small):
    folder = small()
    record = folder / "course.toml"
    record.write_text(record.read_text(encoding="utf-8").replace('"Two"', '"Deux"'), encoding="utf-8")
    builder = CourseBuilder(read_course(folder), frozenset({"02_two"}))
    assert any("01_one.ipynb has it otherwise" in said for said in CourseBuilder(read_course(folder)).drift())
    builder.build(lambda _: None)
    assert CourseBuilder(read_course(folder)).drift() == []
