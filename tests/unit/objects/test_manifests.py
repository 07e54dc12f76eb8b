import contextlib
import json
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.errors import ManifestError
from k8s_tutor.language.choice import use_language
from k8s_tutor.objects import manifests

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx
"""
SAMPLES = Path(__file__).parents[1] / "tables" / "samples.yaml"
TABLES = SAMPLES.with_name("tables.json")


def mistake(text):
    with pytest.raises(ManifestError) as caught:
        manifests.load(dedent(text))
    return caught.value


def test_every_document_becomes_an_object():
    text = f"---\n---\n{POD}---\n# nothing but words\n---\n{POD.replace('web', 'db')}"
    assert [obj["metadata"]["name"] for obj in manifests.load(text)] == ["web", "db"]


def test_lists_are_taken_apart():
    listed = {"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(POD)] * 2}
    assert len(manifests.load(json.dumps(listed))) == 2


def test_json_may_be_indented_with_tabs():
    assert manifests.load(json.dumps(yaml.safe_load(POD), indent="\t")) == [yaml.safe_load(POD)]


def test_every_field_knows_its_place():
    (document,) = manifests.parse(POD)
    assert document.position(("spec", "containers", 0, "image")) == (8, 5)
    assert document.values[("spec", "containers", 0, "image")] == (8, 12)
    assert document.position(("spec", "containers", 0, "nothing")) == (7, 5)


def test_anchors_and_merge_keys_are_followed():
    (obj,) = manifests.load(
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nx: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n"
    )
    assert obj["y"] == {"a": 1, "b": 3}


def test_the_samples_of_every_kind_are_without_fault():
    assert len(manifests.load(SAMPLES.read_text(encoding="utf-8"))) > 50


@pytest.mark.parametrize("row", json.loads(TABLES.read_text(encoding="utf-8"))["rows"], ids=lambda row: row["resource"])
def test_objects_of_a_real_cluster_are_without_fault(row):
    assert manifests.load(json.dumps(row["object"])) == [row["object"]]


@pytest.mark.parametrize(
    ("text", "line", "column", "what", "next_step"),
    [
        pytest.param(
            POD.replace("  containers", "\tcontainers"), 6, 1, "indented with a tab", "replace the tab", id="tab"
        ),
        pytest.param(POD.replace("    image", "     image"), 8, 6, "indented deeper", "indentation", id="too-deep"),
        pytest.param(POD.replace("nginx", '"nginx'), 8, 12, 'the quote " that opens here', "close it", id="open-quote"),
        pytest.param(POD.replace("nginx", "'it's'"), 8, 12, "do not pair up", "close the quote", id="odd-quotes"),
        pytest.param(POD.replace("image: nginx", "image nginx"), 8, 5, "no field", "name: value", id="no-colon"),
        pytest.param(POD.replace("- name", "-name"), 7, 3, "no field", "- name: web", id="no-space-after-dash"),
        pytest.param(POD.replace("nginx", "a: b"), 8, 13, "second colon", "quotes", id="two-colons"),
        pytest.param(POD.replace("nginx", "@x"), 8, 12, "cannot begin with @", "quotes", id="reserved-sign"),
        pytest.param(POD.replace("nginx", "[a, b"), 8, 12, "the [ that opens", "]", id="open-bracket"),
        pytest.param(POD + "    image: other\n", 9, 5, "written twice", "keep one", id="twice"),
        pytest.param(POD.replace("  name: web\nsp", "  name:web\nsp"), 3, 1, "metadata wants", "name: web", id="glued"),
        pytest.param(POD.replace("nginx", "{{ .image }}"), 8, 13, "cannot be a list", "quotes", id="template"),
        pytest.param(POD.replace("kind: Pod\n", ""), 1, 1, "kind is missing", "kind: Pod", id="no-kind"),
        pytest.param(POD[15:], 1, 1, "apiVersion is missing", "apiVersion: v1", id="no-api-version"),
        pytest.param(POD.replace("apiV", "apiv"), 1, 1, '"apiversion"', "apiVersion?", id="misspelt-api-version"),
        pytest.param(POD.replace("Pod", "Pood"), 2, 1, 'no kind "Pood"', "did you mean Pod?", id="misspelt-kind"),
        pytest.param(POD.replace("Pod", "pod"), 2, 1, 'no kind "pod"', "did you mean Pod?", id="small-kind"),
        pytest.param(POD.replace("Pod", "Job"), 1, 1, "Job is not in v1", "batch/v1?", id="wrong-group"),
        pytest.param(POD.replace("v1", "app/v1").replace("Pod", "Deployment"), 1, 1, "app/v1", "apps/v1?", id="group"),
        pytest.param(POD.replace("  name: web\nsp", "  nme: web\nsp"), 4, 3, '"nme"', "did you mean name?", id="nme"),
        pytest.param(POD.replace("metadata:\n  name: web\n", ""), 2, 1, "no name", "metadata", id="nameless"),
        pytest.param(
            POD.replace("metadata:\n  name", "metadata:\nname"),
            4,
            1,
            'no field "name"',
            "one level deeper, in metadata",
            id="left",
        ),
        pytest.param(POD.replace("web\nspec", "Web_1\nspec"), 4, 3, "cannot be a name", "web-1?", id="bad-name"),
        pytest.param(POD.replace("containers", "contaners"), 6, 3, '"contaners"', "containers?", id="misspelt-field"),
        pytest.param(
            POD.replace("    image", "  image"), 8, 3, '"image" in spec', "spec.containers[]", id="misplaced-field"
        ),
        pytest.param(POD.replace("nginx", "3"), 8, 5, "image wants text, got the whole number 3", '"3"', id="number"),
        pytest.param(POD.replace("nginx", "yes"), 8, 5, "image wants text, got true", "quotes", id="yes"),
        pytest.param(POD.replace("- name", "  name"), 6, 3, "containers wants a list", "dash", id="no-dash"),
        pytest.param(POD.replace("- name: web", "- id: web"), 7, 5, '"id" in spec.containers[0]', "", id="unknown"),
        pytest.param(POD.replace("- name: web\n    ", "- "), 7, 5, "has no name", "add name", id="missing-field"),
        pytest.param(
            POD + "    imagePullPolicy: always\n", 9, 5, 'cannot be "always"', "did you mean Always?", id="choice"
        ),
        pytest.param(
            POD + "    resources: {limits: {cpu: 1x}}\n", 9, 26, 'cpu wants an amount, got "1x"', "500m", id="amount"
        ),
        pytest.param("just words", 1, 1, "this is no object", "apiVersion", id="words"),
    ],
)
def test_mistakes_are_shown_where_they_are(text, line, column, what, next_step):
    error = mistake(text)
    assert (error.line, error.column) == (line, column), str(error)
    assert what in error.what
    assert next_step in error.next_step


def test_replicas_in_quotes():
    error = mistake("""\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: "3"
          selector: {matchLabels: {app: web}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
        """)
    assert str(error) == dedent("""\
        line 5, column 3: replicas wants a whole number, got the text "3"
           5 |   replicas: "3"
             |   ^^^^^^^^
        Next: write 3 without the quotes""")


def test_other_mistakes_are_named_as_well():
    error = mistake(POD.replace("image: nginx", "image: 3\n    tty: 'true'\n    foo: bar"))
    assert "line 9: tty wants true or false" in error.why
    assert 'line 10: there is no field "foo"' in error.why


def test_a_misspelt_field_is_not_missing_as_well():
    assert mistake(POD.replace("containers", "contaners")).why == ""


def test_mistakes_inside_lists_are_found_in_their_line():
    error = mistake("""\
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
        - apiVersion: v1
          kind: ConfigMap
          metadata: {name: b}
          dta: {}
        """)
    assert (error.line, error.next_step) == (8, "did you mean data?")


@pytest.mark.parametrize("api_version", ["example.com/v1", "serving.knative.dev/v1"])
def test_custom_kinds_need_only_their_metadata(api_version):
    text = f"apiVersion: {api_version}\nkind: Service\nmetadata: {{name: a}}\nspec: {{anything: [1, x]}}\n"
    assert manifests.load(text)[0]["spec"] == {"anything": [1, "x"]}
    assert mistake(text.replace("{name: a}", "{nam: a}")).next_step == "did you mean name?"


# What a real API server took these scalars for.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, True) for word in ("y", "yes", "Yes", "on", "true", "TRUE")],
        *[(word, False) for word in ("n", "no", "Off", "false")],
        *[(word, None) for word in ("~", "null", "Null", "")],
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("1_000", 1000),
        ("0o7", 7),
        ("0x1F", 31),
        ("0b11", 3),
        ("0644", 420),
        ("08", 8.0),
        ("+1", 1),
        *[(word, word) for word in ("12:30", "2026-01-01", "=", "1e", "0x", "_1", "tRue", "T")],
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!binary aGk=", "hi"),
    ],
)
def test_scalars_mean_what_the_server_takes_them_for(text, value):
    (obj,) = manifests.load(f"apiVersion: a.b/v1\nkind: X\nmetadata: {{name: a}}\nx: {text}\n")
    assert obj["x"] == value
    assert type(obj["x"]) is type(value)


def test_long_lines_are_shown_around_the_place():
    error = mistake(json.dumps({**yaml.safe_load(POD), "spec": {"x" * 40: "y" * 300, "containers": [{"nme": 1}]}}))
    shown, carets = error.what.splitlines()[1:3]
    assert len(shown) < 130
    assert shown[carets.index("^") :].startswith('"')


@given(st.text(alphabet="ab:-{}[]'\"\n\t &*#|>%@!,?1. ", max_size=40))
def test_no_text_breaks_it(text):
    with contextlib.suppress(ManifestError):
        manifests.load(text)


@pytest.mark.parametrize(
    ("mended", "place", "says"),
    [
        (("  name: web", "\u00a0\u00a0name: web"), (4, 1), "non-breaking space"),
        (("name: web\nspec", "name\uff1aweb\nspec"), (4, 7), "full-width colon"),
        (("kind: Pod", "kind\uff1aPod"), (2, 5), "full-width colon"),
        (("image: nginx", "image: ng\x07inx"), (8, 14), "U+0007"),
    ],
)
def test_signs_that_only_look_like_yaml_or_like_nothing_are_pointed_at(mended, place, says):
    error = mistake(POD.replace(*mended))
    assert (error.line, error.column) == place
    assert says in error.what


def test_full_width_signs_inside_values_and_comments_are_nobodys_business():
    text = POD.replace(
        "  name: web\nspec", "  name: web # \u8bf4\u660e\uff1a\n  annotations: {a: \u4f60\u597d\uff1a}\nspec"
    )
    assert manifests.load(text)[0]["metadata"]["annotations"] == {"a": "\u4f60\u597d\uff1a"}


def test_a_misplaced_field_is_sent_to_where_it_is_usually_written():
    assert "metadata" in mistake(POD.replace("spec:", "spec:\n  name: web")).next_step
    assert "spec.containers[]" in mistake(POD.replace("spec:", "spec:\n  ports: []")).next_step


def test_a_command_line_is_offered_as_the_words_it_means():
    assert '["sh", "-c", "echo hi"]' in mistake(POD + "    command: sh -c 'echo hi'\n").next_step


def test_parts_nested_beyond_reason_are_a_mistake_of_the_text():
    assert "nested too deeply" in mistake("[" * 5000).what


def test_a_mistake_made_in_english_can_be_read_in_chinese():
    with pytest.raises(ManifestError) as error:
        manifests.load("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {replicas: 3, containers: []}")
    use_language("zh")
    try:
        assert str(error.value).splitlines() == [
            '第 4 行，第 8 列：spec 中没有 "replicas" 这个字段',
            "   4 | spec: {replicas: 3, containers: []}",
            "     |        ^^^^^^^^",
            "下一步：这里可用的字段：" + error.value.next_step.partition("：")[2],
        ]
    finally:
        use_language("")
