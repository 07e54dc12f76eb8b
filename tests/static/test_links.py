"""Links of lessons to the outside: each to an official page, all in one list."""

from __future__ import annotations

from urllib.parse import urlsplit

from scripts.links import LIST, OFFICIAL, ROOT, find_links, find_sources, list_links


def test_every_link_leads_to_an_official_page() -> None:
    sources = sorted((ROOT / "lessons").rglob("*.py"))
    links = {link for source in sources for link in find_links(source.read_text(encoding="utf-8"))}
    links |= {link for source in sources for link in find_sources(source)}
    assert {link for link in links if urlsplit(link).netloc not in OFFICIAL} == set()
    assert len(links) > 20


def test_the_list_has_them_all() -> None:
    assert LIST.read_text(encoding="utf-8") == list_links(ROOT / "lessons"), "run `python -m scripts.links`"


def test_a_link_is_found_however_it_is_written() -> None:
    text = (
        "# see [Pods](https://kubernetes.io/zh-cn/docs/pods/) and https://example.org/x, says\nurl = 'https://no.org'"
    )
    assert list(find_links(text)) == ["https://kubernetes.io/docs/pods/", "https://example.org/x"]
