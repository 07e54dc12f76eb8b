"""Environment variables of ours: each in one table, made from the code."""

from __future__ import annotations

from collections import Counter

import pytest

from scripts.settings import PAGE, find_names, find_settings, list_settings

WRITTEN = ("k8s_tutor", "README.md", "README.zh.md", "CONTRIBUTING.md", "Makefile")
FOR_TESTS = ("K8S_TUTOR_TEST_", "K8S_TUTOR_FUZZ")


def test_the_table_is_in_step_with_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == list_settings(), "run `python -m scripts.settings`"


def test_each_variable_that_is_named_anywhere_is_in_the_table() -> None:
    known = {one.name for one in find_settings("k8s_tutor", "tests")}
    named = find_names(*WRITTEN) | {name for name in find_names("tests", "benchmarks") if name.startswith(FOR_TESTS)}
    assert named - known == set()


@pytest.mark.parametrize("folder", ["k8s_tutor", "tests"])
def test_each_variable_is_described_once(folder: str) -> None:
    counts = Counter(one.name for one in find_settings(folder))
    assert [name for name, count in counts.items() if count > 1] == []
    assert len(counts) > 5
