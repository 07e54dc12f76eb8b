"""What a person can see is a message of the catalogues: `msg("…")`, never a sentence that stays English.

A room is added with a line in `ROOMS`. What is found there and is no sentence of ours (Kubernetes' own words, commands
to type, patterns) is named in `NOT_OURS`, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ROOMS = (
    "__init__.py",
    "cli.py",
    "errors.py",
    "kubeconfig.py",
    "lab.py",
    "new_kernel.py",
    "notebook.py",
    "pytest_plugin.py",
    "state.py",
    "api/*.py",
    "authoring/commands.py",
    "authoring/pytest_lessons.py",
    "cluster/**/*.py",
    "course/**/*.py",
    "embedded/__main__.py",
    "embedded/controllers/controller.py",
    "embedded/controllers/deployment.py",
    "embedded/controllers/endpoints.py",
    "embedded/controllers/garbage.py",
    "embedded/controllers/replicaset.py",
    "embedded/runner/*.py",
    "exercises/*.py",
    "explain/*.py",
    "graph/*.py",
    "kubectl/builtin.py",
    "language/*.py",
    "objects/manifests.py",
    "objects/manifest_reading.py",
    "objects/yamlproblems.py",
    "objects/nesting.py",
    "objects/reference.py",
    "objects/validation.py",
    "observe/*.py",
    "render/*.py",
    "session/**/*.py",
    "workshop/*.py",
)
"""Files of k8s_tutor in which everything a person can see is a message."""

NOT_OURS = {
    "api/cluster.py": r"^text/plain",  # a type of content
    "authoring/pytest_lessons.py": r"^(first|second) run$",  # names of tests, as `-k` takes them
    "cli.py": r"kind:|embedded:",  # names of choices, as they are typed
    "cluster/doctor.py": r"^`|^docker network",  # what to type
    "api/applying.py": r"^may not",  # the API server's words, looked for
    "cluster/engine.py": r"^`|permission denied|paused",  # what to type; an engine's words, looked for
    "cluster/findings.py": r"^`|^access is denied|^in this wsl|^permission denied",  # the same
    "cluster/images.py": r"exec ctr",  # what is run in a node
    "cluster/kind_cli.py": r"\||no space left|^Starting control-plane$",  # patterns of kind's words
    "cluster/tls.py": r"^`kind export",  # what to type
    "embedded/controllers/deployment.py": r"replica set|Deployment is",  # events, in Kubernetes' words
    "embedded/controllers/garbage.py": r"PodGC:",  # the same
    "embedded/controllers/replicaset.py": r"Created pod|Deleted pod|Error ",  # the same
    "embedded/runner/control.py": r"^the process that asked has ended$|^failed to call webhook: ",  # same, and a log's
    "embedded/runner/in_process.py": r"Upgrade request required|^the cluster's time was turned back$",  # the same
    "embedded/runner/serve.py": r"kubeconfig:",
    "explain/explain.py": r"^[\w ]+$",  # names of causes in programs
    "explain/pods_scheduling.py": r"^[\w 's()/-]+$",  # the same
    "explain/pods_waiting.py": r"Failed to|Container image",  # the kubelet's words, looked for
    "graph/endpoints.py": r"spec\.selector",
    "graph/placement.py": r"^[\w /]+$",  # the scheduler's words, looked for
    "graph/health.py": r"probe failed|nodes are available",  # the kubelet's and the scheduler's, looked for
    "notebook.py": r"%check",  # what to type
    "observe/informer.py": r"a subscriber of the informer",  # a log's
    "observe/snapshot.py": r"^Snapshot",  # how programs show it
    "render/playground.py": r"^export default",  # how a module ends
    "session/deeds.py": r"apiVersion:|containerPort|- name: ",  # manifests
    "exercises/state.py": r"connection refused|error trying to reach service",  # the API server's words
    "exercises/verdict.py": r"not attempted|cannot tell",  # an outcome's name in programs
    # What a container of one's own writes into its log, in the words of the cluster's other programs; types; to type.
    "session/own_images.py": r"docker build|charset|\.py|Traceback|Internal Server|HTTP status|^nothing|^# nobody",
    "session/guide.py": r"Run All Above",  # JupyterLab's own menu
    "explain/pods_running.py": r"auth can-i|describe pod",  # what to type
    "graph/rollout.py": r"lens=",  # what to type
    "render/explanation.py": r"font|monospace",  # styles
    "render/svg.py": r"bar others",  # the same
    "render/placement_table.py": r"font",  # the same
    "render/sketch.py": r"font-family",  # the same
    "render/text.py": r"fill|Segoe|color-mix",  # the same
    "session/sheet.py": r"@page|<html|border",  # styles
    "session/targets.py": r"executable file not found",  # the container runtime's words, looked for
    "session/traffic_senders.py": r"n=1 left=6|Connection refused|bad address|timed out",  # a script; wget's words
    "session/wait_conditions.py": r"an address|rolled out",  # what somebody may type
    "workshop/board.py": r"^(not here yet|lesson done)$",  # a state's name in programs
    "workshop/handout.py": r"^pip install",  # what to type
}
"""Patterns of what looks like a sentence in a file and is none of ours."""

_MESSAGES = {"msg", "msg_n", "msg_template"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:;]? +[a-z]{2,}|[a-z]{2,}[,.:;]? +[A-Za-z]{2,}")
_TAG = re.compile(r"</?[a-z][^>]*>?")
_STYLE = re.compile(r"\d(px|mm)\b|var\(--|sans-serif|monospace|color-mix|<!doctype|^bar \w+$")
_COMMAND = re.compile(
    r"[\s{}]*(`?(python -m |brew |winget |kubectl |k8s-tutor )|\S+\\\S*|t\.\w+\(.*\)$|auth can-i"
    r"|(get|describe|delete|patch|edit|logs|top|scale|label|taint|uncordon|rollout \w+) ([a-z]+( |$|/)|-|\{))"
)
# What is shown to a person however short it is, with the numbers of the arguments that are.
_ERRORS = (
    "TutorError", "UsageError", "ManifestError", "ClusterUnavailable", "WaitTimeout", "Cancelled", "CourseError",
    "KubectlError", "CannotChange",
)  # fmt: skip
_SHOWN = {
    **dict.fromkeys(_ERRORS, 3),
    **dict.fromkeys(("passed", "failed", "not_attempted", "cannot_tell", "see"), 9),
    **dict.fromkeys(("print", "say", "_say", "announce", "step", "_step", "Text", "update"), 1),
}
_SHOWN_KEYWORDS = {"why", "next_step", "hint", "help", "description", "epilog", "title", "summary"}
_TYPED = {"kubectl", "_get", "Rule"}
"""Calls that make a command line, or give a row of a table its name."""
_PROGRAMMERS = re.compile(
    r"(Value|Type|Lookup|Key|Attribute|Runtime|NotImplemented|Assertion)Error|\w*LOG\.\w+|re\.\w+"
)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _text(node: ast.AST) -> str | None:
    """What a literal says; of an f-string what stands between its values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "{}".join(str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values)
    return None


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    """The literals an argument may come to: of `"a" if b else "c"`, both."""
    if isinstance(node, ast.IfExp):
        yield from (*_branches(node.body), *_branches(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (one for value in node.values for one in _branches(value))
    elif isinstance(node, ast.BinOp):
        yield from (*_branches(node.left), *_branches(node.right))
    else:
        yield node


def _passed_over(tree: ast.AST) -> Iterator[ast.AST]:
    """Where words are not for a person: docstrings, types, comparisons, keys, patterns, errors of programmers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Compare):
            yield node
        elif isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key is not None)
        elif isinstance(node, ast.Call) and (_name(node) == "cast" or _PROGRAMMERS.fullmatch(ast.unparse(node.func))):
            yield node
        elif isinstance(node, ast.Call) and _name(node) in _MESSAGES | _TYPED:
            yield from node.args
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.JoinedStr):
            yield from (part for part in node.values if isinstance(part, ast.Constant))


def _shown(call: ast.Call) -> Iterator[ast.AST]:
    found = [*call.args[: _SHOWN.get(_name(call), 0)]]
    found += [word.value for word in call.keywords if word.arg in _SHOWN_KEYWORDS]
    for one in found:
        yield from _branches(one)


def find_words(source: str, not_ours: str = "") -> Iterator[str]:
    """What in a Python file a person could see in English only, each with its line."""
    tree = ast.parse(source)
    over = {id(inner) for node in _passed_over(tree) for inner in ast.walk(node)}
    shown = {id(node) for call in ast.walk(tree) if isinstance(call, ast.Call) for node in _shown(call)} - over
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in _MESSAGES:
            templates = node.args[:2] if _name(node) == "msg_n" else node.args[:1]
            if not all(isinstance(one, ast.Constant) for one in templates):
                yield f"line {node.lineno}: a message's words stand in place, else no catalogue gets them"
        text = _text(node)
        if text is None or id(node) in over or (not_ours and re.search(not_ours, text)):
            continue
        if _COMMAND.match(text) or _STYLE.search(text):
            continue
        words = _TAG.sub("", text)
        if _SENTENCE.search(words) or (id(node) in shown and _WORD.search(words)):
            yield f"line {node.lineno}: {text[:80]!r}"


def _files() -> list[Path]:
    return sorted({path for room in ROOMS for path in (ROOT / "k8s_tutor").glob(room)})


def test_what_a_person_can_see_is_a_message() -> None:
    found = []
    for path in _files():
        name = path.relative_to(ROOT / "k8s_tutor").as_posix()
        found += [f"{name}, {one}" for one in find_words(path.read_text(encoding="utf-8"), NOT_OURS.get(name, ""))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        'raise UsageError("no such Pod")',
        'raise UsageError(f"no {name}")',
        'raise UsageError(msg("no"), next_step="try again")',
        'raise UsageError("stopped" if late else msg("gone"))',
        'print(f"Ready: {title}")',
        'parser.add_argument("--port", help="port")',
        'self._say(f"{one} deleted")',
        'failed("Not yet.")',
        'words = f"{n} Pods are left"',
        'words = "the Pod is gone"',
        'return Text("Ask again.")',
        'msg(f"no {name}")',
        "msg(words, name=name)",
    ],
)
def test_english_that_would_stay_english_is_found(code: str) -> None:
    assert list(find_words(f"def example():\n    {code}\n"))


@pytest.mark.parametrize(
    "code",
    [
        'raise UsageError(msg("no Pod has {label}", label=label))',
        'raise ValueError("an index that is too large")',
        'if word == "two words": pass',
        '"""Says what is there."""',
        'print(f"✗ {error}")',
        'command = "kubectl get pods"',
        "html = f\"<div style='margin:0 auto'>{text}</div>\"",
    ],
)
def test_what_nobody_sees_is_left_alone(code: str) -> None:
    assert not list(find_words(f"def example():\n    {code}\n"))
