"""The marked place in *act*: a deed that may be done twice."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Message,
    Mistake,
    Seen,
    Verdict,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]

# What the API server answers, whether the matter is settled, and what to say to who thinks otherwise.
_CASES = (
    (200, msg("200, deleted"), True, msg("That is the plain case.")),
    (
        404,
        msg("404, there is no such Pod"),
        True,
        msg("What was wanted? That there be no such Pod. Who has removed it does not matter."),
    ),
    (403, msg("403, you may not"), False, msg("The Pod is still there. Should the janitor take it for done?")),
    (500, msg("500, trouble on the server"), False, msg("It may work the next time: not settled yet.")),
    (429, msg("429, too many requests"), False, msg("The server asks for a little patience, and the Pod is still there.")),
)


class _Deletes:
    """Stands for the request: answers with one code, and writes down what it was asked for."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.asked: list[object] = []

    def __call__(self, name: object = None) -> int:
        self.asked.append(name)
        return self.code


def _look(call: Call) -> Seen | Verdict:
    for code, answer, expected, hint in _CASES:
        deletes = _Deletes(code)
        called = call("errand-1", deletes.__call__)
        if called.trouble:
            return explain_trouble(called, msg("when the answer is {answer}", answer=answer))
        if (wrong := _misasked(deletes.asked)) is not None:
            return wrong
        if not isinstance(called.value, bool):
            return failed(
                msg("when the answer is {answer}, the function returned neither True nor False.", answer=answer),
                msg("returned: {value}", value=called.shown),
                hint=msg("`delete(name)` returns a number. A comparison of it gives True or False."),
            )
        if called.value is not expected:
            facts = (msg("the answer: {answer}", answer=answer), msg("returned: {value}", value=called.shown))
            return failed(msg("wrong when the answer is {answer}.", answer=answer), *facts, hint=hint)
    return see(msg("tried on {count} answers: each time the right conclusion", count=len(_CASES)))


def _misasked(asked: list[object]) -> Verdict | None:
    facts: list[Message] = [msg("asked to delete: {names}", names=", ".join(map(str, asked)) or "-")]
    if not asked:
        return failed(msg("nothing was deleted."), hint=msg("`delete` is a function: it is called with `()`."))
    if len(asked) > 1:
        return failed(
            msg("the server was asked more than once."), *facts,
            hint=msg("The second answer is 404: what the first one said has to be kept in a variable."),
        )  # fmt: skip
    if asked != ["errand-1"]:
        return failed(msg("the server was asked for something else."), *facts,
                      hint=msg("The name is in the argument `name`."))  # fmt: skip
    return None


def _remove(name: str, delete: Callable[[str], int]) -> bool:
    return delete(name) in (200, 404)


EXERCISE = Exercise(
    id="control-loop-4",
    title=msg("Gone is gone"),
    task=msg(
        "`remove(name, delete)` removes a Pod. `delete(name)` asks the API server, once, and returns the code of its "
        "answer. Return True if the Pod is gone, whoever has removed it, and False if it has to be tried again."
    ),
    checks=(try_function("control-loop-4", _look, "errand-1", lambda *_: 200),),
    solved=msg("done twice is as good as done once."),
    hints=(
        msg("Which codes mean that there is no such Pod any more? One says that you did it, the other that it was so."),
        msg("200 and 404. All the others mean that the Pod may still be there."),
        msg("`return delete(name) in (200, 404)` says it in one line."),
    ),
    solution='''@t.place("control-loop-4")
def remove(name, delete):
    """③ Remove a Pod; is it gone?"""
    return delete(name) in (200, 404)''',
    alternative="""@t.place("control-loop-4")
def remove(name, delete):
    code = delete(name)
    if code == 404:
        return True
    return 200 <= code < 300""",
    mistakes=(
        Mistake(
            name="not found is taken for a failure",
            cell='@t.place("control-loop-4")\ndef remove(name, delete):\n    return delete(name) == 200',
            says="Who has removed it does not matter",
        ),
        Mistake(
            name="any answer will do",
            cell='@t.place("control-loop-4")\ndef remove(name, delete):\n    delete(name)\n    return True',
            says="Should the janitor take it for done?",
        ),
        Mistake(
            name="asked twice",
            cell='@t.place("control-loop-4")\ndef remove(name, delete):\n'
            "    return delete(name) == 200 or delete(name) == 404",
            says="asked more than once",
        ),
        Mistake(
            name="the code itself",
            cell='@t.place("control-loop-4")\ndef remove(name, delete):\n    return delete(name)',
            says="neither True nor False",
        ),
        Mistake(
            name="nobody is asked",
            cell='@t.place("control-loop-4")\ndef remove(name, delete):\n    return delete in (200, 404)',
            says="nothing was deleted",
        ),
    ),
    function=_remove,
)
