import subprocess
from pathlib import Path

import pytest

from k8s_tutor.kubectl.arguments import KubectlError, parse, split_words
from k8s_tutor.kubectl.builtin import Real
from k8s_tutor.kubectl.choosing import evaluate
from k8s_tutor.kubectl.printing import Layout, aligned, render


def test_the_word_kubectl_may_be_written_or_not() -> None:
    assert split_words("kubectl get pods") == split_words("get pods") == ["get", "pods"]


def test_flags_may_stand_before_the_verb() -> None:
    command = parse("-n kube-system get pods -o wide")
    options = command.options
    assert (command.verb, options.text("namespace"), options.text("output")) == ("get", "kube-system", "wide")


@pytest.mark.parametrize("line", ["-n x", "-nx", "-n=x", "--namespace x", "--namespace=x"])
def test_a_flag_may_be_spelt_in_all_of_kubectls_ways(line: str) -> None:
    assert parse(f"get pods {line}").options.text("namespace") == "x"


def test_letters_of_switches_may_stand_together() -> None:
    options = parse("exec -it web -- sh").options
    assert options.on("stdin")
    assert options.on("tty")


def test_a_switch_may_be_said_out_loud() -> None:
    assert not parse("delete pod web --wait=false").options.on("wait", default=True)


def test_a_second_word_belongs_to_the_verb_by_any_of_its_names() -> None:
    assert parse("create -n x deploy web --image=a,b").verb == "create deployment"
    assert parse("create deploy web --image=a,b").options.all("image") == ["a", "b"]


@pytest.mark.parametrize("line", ["get pods | grep web", "get pods > file", "get pods && get svc"])
def test_what_only_a_shell_understands_is_explained(line: str) -> None:
    with pytest.raises(KubectlError, match="belongs to a shell"):
        parse(line)


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert parse("exec web -c app -- ls -l").command == ["ls", "-l"]


def test_label_takes_pairs_and_removals() -> None:
    assert parse("label pod web a=b c-").rest == ["pod", "web", "a=b", "c-"]


@pytest.mark.parametrize(
    "line", ["edit pod web", "get pods -w", "apply -k .", "logs -f web", "port-forward web 80", "cp a b:c"]
)
def test_what_only_the_real_one_can_do_says_how_to_get_it(line: str) -> None:
    with pytest.raises(KubectlError) as caught:
        parse(line)
    assert "built-in kubectl" in caught.value.what
    assert "Install kubectl" in caught.value.next_step


def test_an_open_quotation_mark_is_named() -> None:
    with pytest.raises(KubectlError, match="No closing quotation"):
        parse("get pods -l 'app=web")


POD = {"metadata": {"name": "web", "labels": {"a.b/c": "x"}}, "spec": {"containers": [{"name": "a"}, {"name": "b"}]}}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.metadata.name}", "web"),
        (".metadata.name", ".metadata.name"),
        ("{.spec.containers[*].name}", "a b"),
        ("{.spec.containers[-1].name}", "b"),
        ("{.metadata.labels.a\\.b/c}", "x"),
        ("{.metadata.labels['a.b/c']}", "x"),
        ("name={.metadata.name}!", "name=web!"),
        ("{.metadata.name}{'\\n'}", "web\n"),
        ("{.nothing.there}", ""),
        ("{.spec.containers[0]}", '{"name":"a"}'),
    ],
)
def test_jsonpath(template: str, text: str) -> None:
    assert evaluate(template, POD) == text


def test_a_filter_chooses_by_what_is_inside() -> None:
    assert evaluate("{.spec.containers[?(@.name=='b')].name}", POD) == "b"


def test_a_range_is_gone_through() -> None:
    template = '{range .spec.containers[*]}{.name}{"\\t"}{$.metadata.name}{"\\n"}{end}'
    assert evaluate(template, POD) == "a\tweb\nb\tweb\n"


def test_an_open_brace_is_named() -> None:
    with pytest.raises(KubectlError, match="unclosed action"):
        evaluate("{.metadata", POD)


TABLE = {
    "columnDefinitions": [
        {"name": "Name", "priority": 0},
        {"name": "Ready", "priority": 0},
        {"name": "IP", "priority": 1},
    ],
    "rows": [
        {
            "cells": ["web", "1/1", "10.0.0.1"],
            "object": {"metadata": {"namespace": "shop", "labels": {"b": "2", "a": "1"}}},
        },
        {"cells": ["a-long-name", "0/1", None], "object": {"metadata": {"namespace": "shop"}}},
    ],
}


def test_a_column_is_a_block_of_neighbouring_lines() -> None:
    text = "Name:\tweb\nLabels:\ta=b\n\tc=d\nContainers:\n  app:\tx\n"
    lines = ["Name:    web", "Labels:  a=b", "         c=d", "Containers:", "  app:  x", ""]
    assert aligned(text).split("\n") == lines


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    assert render(TABLE, Layout()).splitlines() == ["NAME          READY", "web           1/1", "a-long-name   0/1"]


def test_wide_shows_columns_of_lower_priority_and_nothing_where_a_column_finds_nothing() -> None:
    assert render(TABLE, Layout(wide=True)).splitlines()[2] == "a-long-name   0/1     "


def test_namespaces_and_labels_have_columns_of_their_own() -> None:
    lines = render(TABLE, Layout(namespaces=True, labels=True)).splitlines()
    assert lines[0].split() == ["NAMESPACE", "NAME", "READY", "LABELS"]
    assert lines[1].split() == ["shop", "web", "1/1", "a=1,b=2"]


def test_without_headers() -> None:
    assert render(TABLE, Layout(headers=False, prefix="pod/")).splitlines()[0] == "pod/web           1/1"


def test_a_notebook_is_no_place_for_an_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBE_EDITOR", raising=False)
    with pytest.raises(KubectlError, match="opens an editor"):
        Real("kubectl", Path("none"), "none", "default", Path("none")).run("edit deploy web")


@pytest.mark.parametrize(
    ("line", "endless"),
    [
        ("get pods -w", True),
        ("logs web --follow", True),
        ("port-forward web 80", True),
        ("apply -f web.yaml", False),
        ("logs web", False),
        ("get pods", False),
    ],
)
def test_what_never_ends_is_given_a_glance_only(line: str, endless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("kubectl", timeout, output=b"so far")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KubectlError, match="so far") as caught:
        Real("kubectl", Path("none"), "none", "default", Path("none")).run(line)
    assert ("within 10 s" in caught.value.what) is endless
    assert bool(caught.value.why) is endless
