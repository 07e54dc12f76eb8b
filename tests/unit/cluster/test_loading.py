"""Images on their way: from the engine onto nodes, from mirrors and bundles into the engine."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from k8s_tutor.cluster import connect
from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.images import (
    Loading,
    find_own_node_image,
    list_missing,
    list_sources,
    load_bundle,
    pull,
    read_bundle,
)
from k8s_tutor.errors import ClusterUnavailable, UsageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is written for sh")

NODES = ("worker", "worker2", "control-plane")
# What stands for docker: nodes are files, images are lines of a file.
DOCKER = """\
#!/bin/sh
HERE=%s
echo "$@" >> "$HERE/asked"
case "$1" in
version) echo 28.0 ;;
save)
  if [ "$2" = -o ]; then shift 2; out=$1; shift; else out=; fi
  [ -e "$HERE/broken" ] && { echo 'no such image' >&2; exit 1; }
  if [ -n "$out" ]; then echo "$@" > "$out"; else head -c 3000000 /dev/zero; fi ;;
exec)
  [ "$3" = "$(cat "$HERE/ill" 2>/dev/null)" ] && exit 1
  cat > "$HERE/$3" ;;
pull)
  grep -qx "$2" "$HERE/registry" || { echo "Error response from daemon: $2 not found" >&2; exit 1; }
  echo "$2: Pull complete"; echo "$2" >> "$HERE/images" ;;
tag) echo "$3" >> "$HERE/images" ;;
images) sed 's/$/\\tsha256:1/' "$HERE/images" ;;
load) [ ! -e "$HERE/broken" ] || { echo 'no space left on device' >&2; exit 1; } ;;
esac
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER % tmp_path, encoding="utf-8")
    program.chmod(0o755)
    kind = program.with_name("kind")
    kind.write_bytes(b"\x7fELF kindest/node:v1.99.1@sha256:" + b"0" * 64 + b" and more")
    kind.chmod(0o755)
    for name in ("images", "registry", "asked"):
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for name in ("K8S_TUTOR_MIRROR", "KIND_EXPERIMENTAL_PROVIDER", "K8S_TUTOR_KIND_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def engine(here) -> Engine:
    return Engine("docker", str(here / "bin" / "docker"))


def write(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def asked(here: Path, verb: str) -> list[str]:
    return [line for line in (here / "asked").read_text(encoding="utf-8").splitlines() if line.startswith(verb)]


def loaded(engine: Engine) -> Loading:
    loading = Loading(engine, ["nginx:1.22", "redis:7"], NODES)
    loading.start()
    loading.start()
    assert loading.wait(20)
    return loading


def test_all_images_go_to_all_nodes_in_one_archive_that_is_written_once(here, engine):
    assert loaded(engine).failed == ()
    assert asked(here, "save") == ["save nginx:1.22 redis:7"]
    assert [(here / node).stat().st_size for node in NODES] == [3_000_000] * 3


def test_a_node_that_does_not_take_them_is_named_and_the_others_have_them(here, engine):
    write(here / "ill", "worker2")
    assert loaded(engine).failed == ("worker2",)
    assert (here / "worker").stat().st_size == 3_000_000


def test_an_archive_that_broke_off_counts_nowhere(here, engine):
    write(here / "broken")
    assert loaded(engine).failed == NODES


def test_an_engine_that_has_gone_is_no_traceback(here):
    assert loaded(Engine("docker", str(here / "none"))).failed == NODES


def test_nothing_to_load_is_over_at_once(engine):
    loading = Loading(engine, [], NODES)
    loading.start()
    assert loading.wait(0)
    assert not loading.begun


@pytest.mark.parametrize(
    ("image", "mirror", "sources"),
    [
        ("nginx:1.22", "", ["docker.io/library/nginx:1.22"]),
        ("nginx:1.22", "m.example", ["m.example/library/nginx:1.22", "m.example/docker.io/library/nginx:1.22"]),
        ("ghcr.io/a/b:1", "https://m.example/x/", ["m.example/x/ghcr.io/a/b:1", "m.example/x/a/b:1"]),
        ("m.example/kindest/node:v1.37.2", "m.example", ["m.example/kindest/node:v1.37.2"]),
        ("kindest/node:v1.37.2", "m.example:5000", ["m.example:5000/kindest/node:v1.37.2"]),
    ],
)
def test_where_an_image_is_pulled_from(monkeypatch, image, mirror, sources):
    monkeypatch.setenv("K8S_TUTOR_MIRROR", mirror)
    assert list_sources(image)[: len(sources)] == sources


def test_what_a_mirror_gives_is_called_by_its_own_name(here, engine, monkeypatch):
    monkeypatch.setenv("K8S_TUTOR_MIRROR", "m.example")
    write(here / "registry", "m.example/docker.io/library/nginx:1.22")
    said: list[str] = []
    pull(engine, "nginx:1.22", lambda words: said.append(str(words)))
    assert asked(here, "tag") == ["tag m.example/docker.io/library/nginx:1.22 nginx:1.22"]
    assert said[-1].endswith("Pull complete")


def test_an_image_that_nobody_has_is_told_with_all_that_was_tried(engine, monkeypatch):
    monkeypatch.setenv("K8S_TUTOR_MIRROR", "m.example")
    with pytest.raises(ClusterUnavailable, match="cannot be pulled") as caught:
        pull(engine, "nginx:1.22")
    assert "m.example/library/nginx:1.22 not found" in caught.value.why
    assert "m.example/docker.io/library/nginx:1.22 not found" in caught.value.why
    assert "--bundle" in caught.value.next_step


def test_the_node_image_that_a_kind_was_made_with_is_found_in_it(here):
    assert find_own_node_image(str(here / "bin" / "kind")) == "kindest/node:v1.99.1"
    assert find_own_node_image(str(here / "none")).startswith("kindest/node:v1.")


@pytest.mark.parametrize(
    ("local", "node", "missing"),
    [
        (["kindest/node:v1.36.0", "nginx:1.22"], "", ["redis:7"]),
        (["docker.io/library/redis:7"], "", ["kindest/node:v1.99.1", "nginx:1.22"]),
        (["kindest/node:v1.36.0", "nginx:1.22", "redis:7"], "mine/node:1", ["mine/node:1"]),
    ],
)
def test_what_is_missing_for_kind_and_the_lessons(here, local, node, missing):
    assert list_missing(local, str(here / "bin" / "kind"), ["nginx:1.22", "redis:7"], node) == missing


def test_prefetching_pulls_what_is_missing_and_a_second_time_nothing(here, capsys):
    write(here / "registry", "docker.io/kindest/node:v1.99.1", "docker.io/library/redis:7")
    write(here / "images", "nginx:1.22")
    images = ["nginx:1.22", "redis:7"]
    line = connect.prefetch_images(images)
    assert line == "docker holds all 3 images that kind and the lessons need."
    assert "2/2" in capsys.readouterr().err
    before = len(asked(here, "pull"))
    assert connect.prefetch_images(images) == line
    assert len(asked(here, "pull")) == before == 2


def test_a_bundle_holds_the_node_image_and_the_course_s_and_is_whole_or_not_there(here):
    write(here / "images", "kindest/node:v1.37.2", "nginx:1.22")
    file = here / "course.tar"
    write(here / "broken")
    with pytest.raises(ClusterUnavailable, match="cannot write the bundle"):
        connect.prefetch_images(["nginx:1.22"], file)
    assert not list(here.glob("course.tar*"))
    (here / "broken").unlink()
    said = connect.prefetch_images(["nginx:1.22"], file)
    assert file.read_text(encoding="utf-8").split() == ["kindest/node:v1.37.2", "nginx:1.22"]
    assert "`k8s-tutor up --bundle course.tar`" in said


def bundle(path: Path, architecture: str) -> Path:
    """An archive as `docker save` writes it, but for the layers."""
    with tarfile.open(path, "w") as archive:
        manifest = [{"Config": "c.json", "RepoTags": ["nginx:1.22"]}, {"Config": "d.json", "RepoTags": None}]
        for name, body in (("manifest.json", manifest), ("c.json", {"architecture": architecture})):
            data = json.dumps(body).encode()
            row = tarfile.TarInfo(name)
            row.size = len(data)
            archive.addfile(row, io.BytesIO(data))
    return path


def test_a_bundle_is_taken_in(here, engine):
    file = bundle(here / "b.tar", "amd64")
    assert load_bundle(engine, file, "amd64") == ["nginx:1.22"]
    assert asked(here, "load") == [f"load -i {file}"]


def test_a_bundle_for_other_machines_is_refused_before_the_engine_takes_it(here, engine):
    with pytest.raises(UsageError, match="is for arm64, and this engine runs amd64"):
        load_bundle(engine, bundle(here / "b.tar", "arm64"), "amd64")
    assert asked(here, "load") == []


def test_an_engine_without_room_for_a_bundle_says_so(here, engine):
    write(here / "broken")
    with pytest.raises(ClusterUnavailable, match="does not take in the bundle") as caught:
        load_bundle(engine, bundle(here / "b.tar", "amd64"), "amd64")
    assert "no space left" in caught.value.why


@pytest.mark.parametrize("content", [b"", b"no archive", None], ids=["empty", "text", "missing"])
def test_what_is_no_bundle_is_said_to_be_none(here, content):
    path = here / "b.tar"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"no archive of images|there is no file") as caught:
        read_bundle(path)
    assert "k8s-tutor prefetch --bundle b.tar" in caught.value.next_step
