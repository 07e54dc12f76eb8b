"""What a real API server (1.37) answered to these selectors is in selectors.json; "" means it took them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects import selectors
from k8s_tutor.objects.fieldselectors import FieldSelectorError, parse_fields, supported_fields
from k8s_tutor.objects.kinds import builtin_kinds

ANSWERS = json.loads(Path(__file__).with_name("selectors.json").read_text(encoding="utf-8"))
PODS = builtin_kinds().find("pods")

words = st.text("abc", min_size=1, max_size=2)
label_sets = st.dictionaries(words, words, max_size=3)
requirements = st.one_of(
    st.builds(lambda key, op, value: f"{key}{op}{value}", words, st.sampled_from(["=", "==", "!="]), words),
    st.builds(
        lambda key, op, values: f"{key} {op} ({','.join(values)})",
        words,
        st.sampled_from(["in", "notin"]),
        st.lists(words, min_size=1, max_size=3),
    ),
    words,
    words.map("!{}".format),
)


def answer(parse, text):
    try:
        parse(text)
    except (selectors.SelectorError, FieldSelectorError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", ANSWERS["labelSelector"])
def test_label_selectors_are_taken_or_refused_in_the_servers_words(text):
    assert answer(selectors.parse, text) == ANSWERS["labelSelector"][text]


@pytest.mark.parametrize("text", ANSWERS["fieldSelector"])
def test_field_selectors_are_taken_or_refused_in_the_servers_words(text):
    assert answer(lambda selector: parse_fields(selector, PODS), text) == ANSWERS["fieldSelector"][text]


@pytest.mark.parametrize(
    ("text", "labels", "selected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a!=b", {}, True),
        ("a notin (b)", {}, True),
        ("a in (b,c)", {"a": "c"}, True),
        ("a in (b,c)", {}, False),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("a>1", {"a": "2"}, True),
        ("a>1", {"a": "x"}, False),
        ("", {}, True),
        ("a=", {"a": ""}, True),
        ("a=", {}, False),
    ],
)
def test_what_a_selector_selects(text, labels, selected):
    assert selectors.parse(text).matches(labels) is selected


@given(st.lists(requirements, max_size=3), label_sets)
def test_commas_mean_and(terms, labels):
    together = selectors.parse(",".join(terms)).matches(labels)
    assert together == all(selectors.parse(term).matches(labels) for term in terms)


@given(words, st.lists(words, min_size=1), label_sets)
def test_notin_is_the_opposite_of_in(key, values, labels):
    inside = selectors.parse(f"{key} in ({','.join(values)})").matches(labels)
    assert selectors.parse(f"{key} notin ({','.join(values)})").matches(labels) is not inside


@given(st.lists(requirements, max_size=3))
def test_a_selector_reads_back_as_itself(terms):
    selector = selectors.parse(",".join(terms))
    assert selectors.parse(str(selector)) == selector


@given(label_sets)
def test_match_labels_means_equality(labels):
    by_fields = selectors.of({"matchLabels": labels})
    assert by_fields == selectors.from_labels(labels)
    assert by_fields.matches(labels)


def test_no_selector_selects_nothing_and_an_empty_one_everything():
    assert not selectors.matches(None, {"a": "b"})
    assert selectors.matches({}, {"a": "b"})


def test_match_expressions_are_understood():
    expressions = [
        {"key": "a", "operator": "In", "values": ["x", "y"]},
        {"key": "b", "operator": "DoesNotExist"},
    ]
    assert selectors.matches({"matchExpressions": expressions}, {"a": "y"})
    assert not selectors.matches({"matchExpressions": expressions}, {"a": "y", "b": ""})


def test_an_unknown_operator_is_refused():
    with pytest.raises(selectors.SelectorError, match='"Foo" is not a valid label selector operator'):
        selectors.of({"matchExpressions": [{"key": "a", "operator": "Foo"}]})


def test_fields_of_a_pod_can_be_selected():
    pod = {"metadata": {"name": "web"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}
    assert parse_fields("status.phase=Running,spec.nodeName!=n2,spec.hostNetwork=false", PODS).matches(pod)
    assert not parse_fields("metadata.name=db").matches(pod)
    assert parse_fields("metadata.name=web").required("metadata.name") == "web"


def test_kinds_without_fields_of_their_own_say_what_is_known():
    deployments = builtin_kinds().find("deployments")
    assert supported_fields(deployments) == ("metadata.name", "metadata.namespace")
    words = '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'
    with pytest.raises(FieldSelectorError, match=words):
        parse_fields("spec.x=1", deployments)
