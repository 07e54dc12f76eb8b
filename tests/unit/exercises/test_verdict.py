from k8s_tutor.exercises.verdict import Outcome, cannot_tell, failed, not_attempted, passed


def test_a_verdict_says_its_outcome_in_a_word_beside_the_glyph() -> None:
    said = [str(verdict("x").named("pods-1")) for verdict in (passed, failed, not_attempted, cannot_tell)]
    assert said == [
        "✓ pods-1 solved: x",
        "✗ pods-1 not yet: x",
        "○ pods-1 not attempted yet: x",
        "? pods-1 cannot tell: x",
    ]


def test_evidence_and_hint_stand_below_the_verdict() -> None:
    verdict = failed("it waits", "pod/web is Pending", hint="look at `image`").named("pods-1")
    assert str(verdict).splitlines()[1:] == ["    seen: pod/web is Pending", "    hint: look at `image`"]


def test_in_html_words_are_escaped_and_backticks_become_code() -> None:
    html = failed("a <b>", hint="use `x < y`")._repr_mimebundle_()["text/html"]
    assert "a &lt;b&gt;" in html
    assert "<code>x &lt; y</code>" in html


def test_the_html_tells_assistive_technology_that_it_is_a_status() -> None:
    assert "role='status'" in passed("x")._repr_mimebundle_()["text/html"]


def test_only_a_passed_verdict_is_true() -> None:
    assert passed("x")
    assert not failed("x")
    assert passed("x").outcome is Outcome.PASSED
