from pathlib import Path

import pytest

from k8s_tutor.authoring.source import Source, fingerprint, read_source
from k8s_tutor.authoring.translation import compare, complaints, english_texts

LESSONS = Path(__file__).resolve().parents[3] / "lessons"
PAGES = [LESSONS / "index.py", *sorted(LESSONS.glob("*/lesson.py"))]

ENGLISH = """\
## A name that stays

*Pods come and go.* A **Service** keeps its `selector`; its list is an EndpointSlice.

- Read [Services](https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer),
- and [lesson 1](01_pods.ipynb).

| ask | look at |
|---|---|
| ready? | the readiness probe |

> **Guess first.** Hello {name}, who answers?

<details><summary>Open this.</summary>

```python
t.graph("service/web")
```

</details>
"""
CHINESE = """\
## 一个不变的名字

*Pod 来来去去。* **Service** 保留自己的 `selector`；它的名单是一份端点切片（EndpointSlice）。

- 读一读 [Service](https://kubernetes.io/zh-cn/docs/concepts/services-networking/service/#loadbalancer)，
- 还有[第 1 课](01_pods.ipynb)。

| 问 | 看哪里 |
|---|---|
| 就绪了吗？ | 就绪探针 |

> **先猜一猜。** 你好，{name}，谁来回答？

<details><summary>打开这里。</summary>

```python
t.graph("service/web")
```

</details>
"""

DEFECTS = [
    ("code", "`selector`", "`选择算符`"),
    ("code", "`selector`", "选择算符"),
    ("code", 't.graph("service/web")', 't.graph("service/网站")'),
    ("code", "```python", "```yaml"),
    ("headings", "## 一个", "### 一个"),
    ("headings", "## 一个", "一个"),
    ("links", "zh-cn/docs", "docs"),
    ("links", "#loadbalancer", "#负载均衡器"),
    ("links", "01_pods.ipynb", "../zh/01_pods.ipynb"),
    ("links", "[第 1 课](01_pods.ipynb)", "第 1 课"),
    ("placeholders", "{name}", "{名字}"),
    ("placeholders", "你好，{name}，", ""),
    ("tables", "| 就绪了吗？ | 就绪探针 |\n", "\n就绪了吗？就绪探针\n"),
    ("lists", "- 还有", "- 再读一遍，\n- 还有"),
    ("bold", "**Service** 保留", "Service 保留"),
    ("html", "<details>", "<div>"),
    ("markup", "**Service** 保留", "**Service。**保留"),  # a closing ** after punctuation wants a space behind it
    ("markup", "打开这里。</summary>", "打开这里。`</summary>"),
    ("punctuation", "问 |", "问? |"),
    ("punctuation", "来来去去。*", "来来去去.*"),
    ("punctuation", "；", "; "),
    ("punctuation", "（EndpointSlice）", "(EndpointSlice)"),
    ("punctuation", "`selector`；", "`selector`, "),
    ("space", "*Pod 来", "*Pod来"),
    ("space", "自己的 `", "自己的`"),
    ("space", "第 1 课", "第1课"),
    ("spaced punctuation", "`selector`；", "`selector` ；"),
    ("spaced punctuation", "，谁来", "， 谁来"),
    ("line break", "谁来回答", "谁来\n> 回答"),
    ("terms", "就绪探针", "就绪情况"),
    ("terms", "端点切片（EndpointSlice）", "名册"),
    ("words", "打开这里", "您打开这里"),
    ("words", "谁来回答", "哪个命名空间来回答"),
    ("words", "| 就绪探针", "| 就绪探针，又名就绪探测器"),
]


def _source(folder: Path, english: str, chinese: str, of: str = "") -> Source:
    text = f"{english.strip()}\n\n<!-- zh {of or fingerprint(english)} -->\n{chinese}" if chinese else english
    commented = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    (folder / "01_test.py").write_text(f"# %% [markdown]\n{commented}\n", encoding="utf-8")
    return read_source(folder / "01_test.py", "01_test")


def test_a_faithful_translation_has_no_complaints() -> None:
    assert compare(ENGLISH, CHINESE, "zh") == []


@pytest.mark.parametrize(("rule", "good", "bad"), DEFECTS)
def test_a_planted_defect_is_found_by_its_rule_and_no_other(rule: str, good: str, bad: str) -> None:
    assert CHINESE.count(good) == 1, "the defect is planted in one place"
    found = compare(ENGLISH, CHINESE.replace(good, bad), "zh")
    assert {complaint.rule for complaint in found} == {rule}, [str(complaint) for complaint in found]


def test_english_left_standing_is_untranslated() -> None:
    assert [complaint.rule for complaint in compare(ENGLISH, ENGLISH, "zh")] == ["untranslated"]


def test_a_cell_that_reads_the_same_in_both_languages_may() -> None:
    assert compare("## LoadBalancer", "## LoadBalancer", "zh") == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("From NodePort 80 to it.", "从 NodePort 80 到它。"),
        ("At 127.0.0.1 → there: 3 of 3.", "在 127.0.0.1 → 那里：3 个里面有 3 个。"),
        ("Say **not now.** Then wait.", "先说**不行。** 再等。"),
        ("You label it.", "你给它打上标签。"),
    ],
)
def test_good_chinese_is_let_through(english: str, chinese: str) -> None:
    assert compare(english, chinese, "zh") == []


def test_a_kind_counts_by_its_capital_letter() -> None:
    assert [one.rule for one in compare("A Service answers well.", "有人回答。", "zh")] == ["terms"]
    assert compare("Good service, well done.", "服务周到，做得好。", "zh") == []


def test_of_another_language_the_shape_is_compared() -> None:
    german = ENGLISH.replace("A name that stays", "Ein Name, der bleibt")
    assert compare(ENGLISH, german, "de") == []
    assert [one.rule for one in compare(ENGLISH, german.replace("`selector`", "selector"), "de")] == ["code"]


def test_a_complaint_names_the_cell_and_shows_the_place(tmp_path: Path) -> None:
    (complaint,) = complaints(_source(tmp_path, "Two pods.", "两个Pod。"), ("en", "zh"))
    where = f"{tmp_path / '01_test.py'}, line 4, cell 1 ('Two pods.')"
    assert complaint == f"{where}, zh: lacks a space between Chinese and Latin: 两个Pod。 (space)"


def test_a_missing_translation_is_said_once(tmp_path: Path) -> None:
    (complaint,) = complaints(_source(tmp_path, "Two pods.", ""), ("en", "zh"))
    assert "is not translated into zh" in complaint


def test_of_a_changed_original_the_wanted_fingerprint_is_said(tmp_path: Path) -> None:
    (complaint,) = complaints(_source(tmp_path, "Three pods.", "三个 Pod。", of="0" * 8), ("en", "zh"))
    assert fingerprint("Three pods.") in complaint


def test_of_a_changed_original_the_difference_is_said_where_it_is_known(tmp_path: Path) -> None:
    older = english_texts(_source(tmp_path, "Two pods.", ""))
    source = _source(tmp_path, "Three pods.", "两个 Pod。", of=fingerprint("Two pods."))
    _, difference = complaints(source, ("en", "zh"), older)
    assert difference.endswith("the English changed:\n-Two pods.\n+Three pods. (stale)")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_lesson_s_chinese_keeps_the_rules(path: Path) -> None:
    assert complaints(read_source(path, path.stem), ("en", "zh")) == []
