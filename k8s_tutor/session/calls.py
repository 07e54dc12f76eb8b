"""How `t` takes calls: what it can do, what a wrong call is told, and what Ctrl-C stopped.

A learner who forgets an argument, misspells a name or presses stop reads what, why and what to type next; Python's own
words for that name our files and speak of `self`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NoReturn, ParamSpec, TypeVar

from k8s_tutor.errors import Cancelled, UsageError
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.reference import nearest

__all__ = ["ABILITIES", "UnknownName", "answer_politely", "check_call", "well_called"]

ABILITIES: tuple[tuple[Wording, Mapping[str, str]], ...] = (
    (
        msg("change things"),
        {
            "apply": 't.apply("""apiVersion: v1 …""")',
            "delete": 't.delete("pod/web")',
            "kubectl": 't.kubectl("get pods")',
            "wait": 't.wait("pod/web", "Ready")',
            "load_balancers": "t.load_balancers(on=True)",
            "image": '@t.image("shop:1")',
            "switch_node": 't.switch_node("node/k8s-tutor-worker", on=False)',
        },
    ),
    (
        msg("move time"),
        {
            "pause": "t.pause()",
            "step": "t.step()",
            "play": "t.play(speed=2)",
            "rewind": 't.rewind("30 s")',
            "resume": "t.resume()",
        },
    ),
    (
        msg("look"),
        {
            "get": 't.get("pod/web")',
            "objects": 't.objects("pods")',
            "graph": 't.graph("deploy/web")',
            "watch": "t.watch()",
            "events": 't.events("pod/web")',
            "explain": 't.explain("pod/web")',
            "placement": 't.placement("pod/web")',
            "timeline": 'with t.timeline("pod/web"): …',
            "images": "t.images()",
            "steps": 't.steps("replicaset/web", "replicaset-controller")',
        },
    ),
    (
        msg("talk to what runs"),
        {
            "logs": 't.logs("pod/web")',
            "exec": 't.exec("pod/web", "ls /")',
            "traffic": 't.traffic("svc/web")',
            "url": 't.url("svc/web")',
            "sign_in": 't.sign_in("TOKEN")',
        },
    ),
    (
        msg("go through the course"),
        {
            "lesson": 't.lesson("pods")',
            "exercise": 't.exercise("pods-1")',
            "check": 't.check("pods-1")',
            "hint": 't.hint("pods-1")',
            "solution": 't.solution("pods-1")',
            "place": '@t.place("operators-1")',
            "guess": 't.guess("pods-a")',
            "picture": 't.picture("container")',
            "clinic": "t.clinic(level=2)",
            "playground": "t.playground()",
            "progress": "t.progress()",
            "sheet": "t.sheet()",
            "reset": "t.reset()",
            "leave": "t.leave()",
            "close": "t.close()",
        },
    ),
    (msg("know"), {name: f"t.{name}" for name in ("cluster", "client", "namespace", "learner")}),
)
"""Everything that `t` has, by what it is for, each with how one writes it."""

_EXAMPLES = {
    "connect": 'connect("embedded")',
    **{f"t.{name}": example for _, group in ABILITIES for name, example in group.items()},
}
_EXERCISE = msg("the name of an exercise")
_NEEDS: Mapping[str, Wording] = {
    "source": msg("a manifest"),
    "ref": msg("an object, by kind and name"),
    "kind": msg("a kind of object"),
    "line": msg("a command line"),
    "command": msg("a command"),
    "on": msg("on=True or on=False"),
    **dict.fromkeys(("t.exercise", "t.check", "t.hint", "t.solution", "t.place"), _EXERCISE),
    "t.lesson": msg("the name of a lesson"),
    "t.guess": msg("the name of a guess"),
    "t.picture": msg("the name of a picture"),
}
"""What a call lacks, by the argument or, where the argument is only a name, by the call."""
_TYPES: Mapping[str, tuple[tuple[type, ...], Wording]] = {
    "str": ((str,), msg("text")),
    "str | None": ((str, type(None)), msg("text")),
    "bool": ((bool,), msg("True or False")),
    "int": ((int,), msg("a whole number")),
    "int | None": ((int, type(None)), msg("a whole number")),
    "int | str | None": ((int, str, type(None)), msg("a whole number or text")),
    "str | list[str]": ((str, list), msg("text, or a list of texts")),
}
_SAY_MORE = ("ref", "focus", "choice", "language", "learner")
"""Arguments of which whoever takes them says more than what type they are."""

Args = ParamSpec("Args")
Result = TypeVar("Result")
Class = TypeVar("Class", bound=type)


def answer_politely(cls: Class) -> Class:
    """Makes a class answer wrong calls, misspelt names and Ctrl-C in words; what knows better says so itself."""
    setattr(cls, "__getattr__", _refuse_name)  # noqa: B010  of a class of any kind
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(cls, name, _told(method, name))
    return cls


def _told(method: Callable[Args, Result], name: str) -> Callable[Args, Result]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        check_call(f"t.{name}", signature, args, kwargs)
        try:
            return method(*args, **kwargs)
        except KeyboardInterrupt:
            raise Cancelled(
                msg("Stopped t.{name}.", name=name),
                why=msg("You pressed stop (Ctrl-C). What the cluster was told before that stays as it is."),
                next_step=msg("Running the cell again does no harm."),
            ) from None

    return run


def well_called(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """Makes a function answer wrong calls in words."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        check_call(function.__name__, signature, args, kwargs)
        return function(*args, **kwargs)

    return run


# ---- Calls that cannot be: an argument too few, too many, misspelt, or of another type


def check_call(called: str, signature: inspect.Signature, args: tuple[Any, ...], given: Mapping[str, Any]) -> None:
    """Sees to it that a call can be carried out as written.

    Args:
        called: As it is written: `t.check`.
        signature: What it takes.
        args: What stands in the brackets without a name; of a method also its object.
        given: What has a name.

    Raises:
        UsageError: it cannot; says what is missing, too much, misspelt or of another type, and shows a right call.
    """
    try:
        bound = signature.bind(*args, **given)
    except TypeError:
        raise _misfit(called, signature, args, given) from None
    for name, value in bound.arguments.items():
        types, wanted = _TYPES.get(str(signature.parameters[name].annotation), ((object,), ""))
        fits = isinstance(value, types) and not (isinstance(value, bool) and types[:1] == (int,))
        if not fits and name not in _SAY_MORE:
            raise UsageError(
                msg("{called}: {name} is {wanted}, not {value!r:.40}.", called=called, name=name, wanted=wanted,
                    value=value),
                why=_arguments(signature),
                next_step=_example(called),
            )  # fmt: skip


def _misfit(called: str, signature: inspect.Signature, args: tuple[Any, ...], given: Mapping[str, Any]) -> UsageError:
    known = _own(signature)
    strange = next((name for name in given if name not in known), "")
    missing = _missing(signature, args, given)
    step: Message | None = None
    if strange:
        what = msg("{called} has no argument {name!r}.", called=called, name=strange)
        near = nearest(strange, known)
        step = msg("Did you mean {near}=…?", near=near) if near else None
    elif missing:
        needs = _NEEDS.get(missing) or _NEEDS.get(called) or msg("the argument {name}", name=missing)
        what = msg("{called} needs {what}.", called=called, what=needs)
    else:
        what = msg("{called} was given more than it takes.", called=called)
    return UsageError(what, why=_arguments(signature), next_step=step or _example(called))


def _own(signature: inspect.Signature) -> dict[str, inspect.Parameter]:
    """What a person writes in the brackets."""
    return {name: one for name, one in signature.parameters.items() if name != "self"}


def _missing(signature: inspect.Signature, args: tuple[Any, ...], given: Mapping[str, Any]) -> str:
    """The first argument that has to be there and is not."""
    for index, (name, one) in enumerate(signature.parameters.items()):
        positional = one.kind is not one.KEYWORD_ONLY and index < len(args)
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD and not positional and name not in given:
            return name
    return ""


def _arguments(signature: inspect.Signature) -> Message:
    names = [name if one.default is one.empty else f"{name}={one.default!r}" for name, one in _own(signature).items()]
    return msg("It takes: {arguments}.", arguments=", ".join(names))


def _example(called: str) -> Message:
    return msg("For example {example}.", example=_EXAMPLES.get(called, f"{called}()"))


# ---- Names that are not there


class UnknownName(UsageError, AttributeError):
    """A name that `t` has not: for programs that ask (`hasattr`) an `AttributeError` as any other."""


def _refuse_name(self: object, name: str) -> NoReturn:
    raise _unknown(name)


def _unknown(name: str) -> AttributeError:
    """What a person is told who writes `t.chek`: what was probably meant, and what there is."""
    if name.startswith("_"):  # asked by programs, never by a person
        return AttributeError(name)
    lines: Wording = msg("t can")
    for title, group in ABILITIES:
        lines = msg("{before}\n      {title}: {names}", before=lines, title=title, names=", ".join(group))
    return UnknownName(msg("There is no t.{name}.", name=name), why=lines, next_step=_meant(name))


def _meant(name: str) -> Message:
    from k8s_tutor.kubectl.flags import NAMES  # noqa: PLC0415  only who is wrong needs them

    kind = builtin_kinds().find(name)
    near = nearest(name, [known.removeprefix("t.") for known in _EXAMPLES])
    if name in NAMES:
        guess = f't.kubectl("{name} …")'
    elif kind is not None:
        guess = f't.objects("{kind.plural}")'
    else:
        guess = _EXAMPLES.get(f"t.{near}", "")
    return msg("Did you mean {near}?", near=guess) if guess else msg("Type `t.` and press Tab: the names are offered.")
