"""Images of one's own: a function that containers run, one call a request."""

from __future__ import annotations

import inspect
import json
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, cast

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Answered, Asked, Cluster, Feature, FunctionImage, RunsFunctions
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.exercises.calling import LearnerFunction, call_function
from k8s_tutor.language import Wording, join_sentences, msg
from k8s_tutor.objects.types import Obj

__all__ = ["OwnImage", "make_image"]

_NAME = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*:[\w][\w.-]{0,127}")
_SECONDS = 2.0  # real ones, which the whole cluster waits
_LARGEST = 65535
_LAST_STATUS = 599
_FAILED = "Internal Server Error\n"


class OwnImage:
    """An image that a function was made into; in a text it is its name, to be written into a manifest.

    Attributes:
        name: What a manifest says.
        function: The function as it was written.
    """

    def __init__(self, name: str, function: LearnerFunction) -> None:
        self.name = name
        self.function = function
        update_wrapper(self, function)

    def __call__(self, *given: Any) -> Any:
        """What the function gives: to try it out without a cluster."""
        return self.function(*given)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        program = getattr(self.function, "__name__", "function")
        return str(msg("<the image {name}, made of {program}>", name=self.name, program=program))


def make_image(
    cluster: Cluster, client: Client, name: str, port: int, elsewhere: str, say: Callable[[str], None]
) -> Callable[[LearnerFunction], OwnImage]:
    """A decorator that makes an image of a function; see `Session.image`.

    Raises:
        UsageError: the name or the port cannot be.
    """
    _check_name(name)
    _check_port(port)

    def made(function: LearnerFunction) -> OwnImage:
        _check_function(name, function)
        if Feature.FUNCTION_IMAGES not in cluster.features:
            chosen, words = _without_functions(cluster, client, name, elsewhere)
            say(str(words))
            return OwnImage(chosen, function)
        program = str(getattr(function, "__name__", "app")).strip("<>")
        image = FunctionImage(name, program, _source(function), port, lambda asked: _call(function, program, asked))
        cast("RunsFunctions", cluster).load_image(image)
        say(str(msg("Image {name} is on the nodes: {program}.py, port {port}", name=name, program=program, port=port)))
        return OwnImage(name, function)

    return made


def _check_port(port: object) -> None:
    if not isinstance(port, int) or not 1 <= port <= _LARGEST:
        raise UsageError(
            msg("{port} is no port.", port=port), why=msg("Ports are whole numbers from 1 to {most}.", most=_LARGEST)
        )


def _check_name(name: object) -> None:
    example = msg('For example @t.image("shop:1"), above the function.')
    if not isinstance(name, str):
        raise UsageError(msg("An image of your own needs a name."), next_step=example)
    _, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        why = msg("Without a tag Kubernetes takes `:latest`, and pulls that from a registry each time.")
        raise UsageError(msg("The image {name} has no tag.", name=name), why, example)
    if tag == "latest":
        why = msg("Kubernetes pulls `:latest` from a registry each time, and never takes what is on the node.")
        raise UsageError(msg("An image of your own cannot be called `:latest`."), why, example)
    if not _NAME.fullmatch(name):
        why = msg("It is lower-case letters, digits and single signs between them, a colon, and a tag.")
        raise UsageError(msg("{name} is no name of an image.", name=name), why, example)


def _check_function(name: str, function: object) -> None:
    example = msg("For example: def shop(request): return request.path")
    if not callable(function) or isinstance(function, type):
        raise UsageError(msg("The image {name} is to be made of a function.", name=name), next_step=example)
    try:
        inspect.signature(function).bind(Asked())
    except TypeError:
        why = msg("It is called with one thing, the request.")
        raise UsageError(msg("This function cannot be the image {name}.", name=name), why, example) from None
    except ValueError:  # of a function in C nobody knows what it takes
        return


def _without_functions(cluster: Cluster, client: Client, name: str, elsewhere: str) -> tuple[str, Wording]:
    """What a manifest says where containers are real ones, and why."""
    if _is_on_nodes(client, name):
        used = msg("{name} is on the nodes of this cluster: containers run that image, not this function.", name=name)
        return name, used
    words = [msg("This cluster runs real containers: a function in a notebook cannot be one of them.")]
    if elsewhere:
        words.append(msg("In place of {name} stands {elsewhere}.", name=name, elsewhere=elsewhere))
    kind = cluster.context.removeprefix("kind-")
    if kind != cluster.context:
        commands = f"docker build -t {name} . && kind load docker-image {name} --name {kind}"
        words.append(msg("An image of your own comes there with: {commands}", commands=commands))
    else:
        words.append(msg("An image of your own comes there through a registry that its nodes can read."))
    return elsewhere or name, join_sentences(*words)


def _is_on_nodes(client: Client, name: str) -> bool:
    """Whether each node for ordinary Pods says that it has the image."""
    try:
        nodes = client.list("nodes")
    except StatusError:  # who may not look takes what is sure to be there
        return False
    workers = [node for node in nodes if not _keeps_away(node)]
    wanted = name if "/" in name else f"library/{name}"
    return bool(workers) and all(f"docker.io/{wanted}" in _names(node) for node in workers)


def _keeps_away(node: Obj) -> bool:
    return any(taint.get("effect") == "NoSchedule" for taint in node["spec"].get("taints") or ())


def _names(node: Obj) -> Iterator[str]:
    for image in (node.get("status") or {}).get("images") or ():
        yield from image.get("names") or ()


def _source(function: LearnerFunction) -> str:
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    except (OSError, TypeError):
        return "# nobody knows the source of this function\n"


def _call(function: LearnerFunction, program: str, asked: Asked) -> Answered:
    """One request to the function, within its time; whatever it does, there is an answer."""
    called = call_function(lambda: _try(function, program, asked), seconds=_SECONDS)
    log = _line(called.printed)
    if called.trouble is None:
        came: Answered = called.value
        return Answered(came.code, came.body, came.content_type, log + came.log, came.exit_code)
    words = f"{program}.py: {called.trouble.kind}\n"
    if called.trouble.kind == "endless":
        request = f"{asked.method} {asked.path}"
        words = f"{program}.py has not answered {request} within {_SECONDS:g} s, and answers nobody now\n"
    return Answered(500, _FAILED, log=log + words, hangs=called.trouble.kind == "endless")


def _try(function: LearnerFunction, program: str, asked: Asked) -> Answered:
    try:
        return _read(function(asked), program)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return Answered(exit_code=(end.code or 0) & 255)
        return Answered(log=f"{end.code}\n", exit_code=1)
    except TutorError as error:
        return Answered(500, _FAILED, log=_line(str(error)))
    except Exception as error:
        return Answered(500, _FAILED, log=_tell(error, function, program))


def _read(value: object, program: str) -> Answered:
    """What a function returned, as an answer: text, or what JSON can say; a pair begins with the status."""
    code: object = 200
    if isinstance(value, tuple) and len(value) == 2:
        code, value = value
    if not isinstance(code, int) or not 100 <= code <= _LAST_STATUS:
        why = f"{code!r:.60} is no HTTP status: return (404, 'no such page')"
        return Answered(500, _FAILED, log=f"{program}.py: {why}\n")
    if isinstance(value, str):
        return Answered(code, value)
    if isinstance(value, (dict, list)):
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        return Answered(code, text, "application/json; charset=utf-8")
    kind = "nothing (it printed, and did not return?)" if value is None else f"a {type(value).__name__}"
    return Answered(500, _FAILED, log=f"{program}.py returned {kind}; a request is answered with a text or a dict\n")


def _tell(error: Exception, function: LearnerFunction, program: str) -> str:
    """A traceback as the container would print it: lines of its own file and of the notebook, none of ours."""
    known = inspect.unwrap(function)
    own, names = getattr(known, "__code__", None), getattr(known, "__globals__", None)
    lines = ["Traceback (most recent call last):\n"]
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if frame.f_globals is not names or own is None:
            continue
        first = own.co_firstlineno if code is own else 1
        file = f"/app/{program}.py" if code is own else "notebook"
        lines.append(f'  File "{file}", line {number - first + 1}, in {code.co_name}\n')
        if text := linecache.getline(code.co_filename, number).strip():
            lines.append(f"    {text}\n")
    return "".join([*lines, *traceback.format_exception_only(error)])


def _line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
