"""The order of a Dockerfile's lines: what changes often comes last."""

from __future__ import annotations

from k8s_tutor.exercises import Call, Exercise, Mistake, Seen, Verdict, explain_trouble, failed, msg, see, try_function

from .building import Line, brings, command_of, made_again, read_lines

__all__ = ["EXERCISE"]

_NEEDED, _PROGRAM = "requirements.txt", "shop.py"

_GOOD = """
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
USER 1000
CMD ["python", "shop.py"]
"""


def _look(call: Call) -> Seen | Verdict:
    called = call()
    if called.trouble:
        return explain_trouble(called)
    if not isinstance(called.value, str):
        return failed(msg("the function did not return a text."), msg("returned: {value}", value=called.shown))
    lines = read_lines(called.value)
    failure = _build(lines)
    return _build_again(lines) if failure is None else failure


def _build(lines: list[Line]) -> Verdict | None:
    """What goes wrong in the first build, or in the container."""
    if not lines or lines[0].word not in ("FROM", "ARG"):
        hint = msg("Every image stands on another one. Which line says on which?")
        return failed(msg("it does not begin with FROM."), hint=hint)
    pip = next((index for index, line in enumerate(lines) if line.word == "RUN" and "pip install" in line.rest), None)
    if pip is None:
        return failed(msg("nothing is installed: there is no `RUN pip install`."), hint=msg("Keep what the old file did, in another order."))
    if not any(brings(line, _NEEDED) for line in lines[:pip]):
        return failed(
            msg("the build fails at `{line}`: there is no `{file}` in the image yet.", line=str(lines[pip]), file=_NEEDED),
            hint=msg("A line sees only what the lines above it have brought."),
        )
    if not any(brings(line, _PROGRAM) for line in lines):
        return failed(
            msg("the image has no `{file}`: a container of it ends at once.", file=_PROGRAM),
            hint=msg("The program has to be copied, too. Where, so that it disturbs nobody?"),
        )
    if not any(_PROGRAM in word for word in command_of(lines)):
        return failed(msg("the image does not say what to run."), hint=msg("Which line was the last one?"))
    if not any(line.word == "USER" for line in lines):
        return failed(msg("the program would run as root."), hint=msg("Which line of the old file saw to that?"))
    return None


def _build_again(lines: list[Line]) -> Seen | Verdict:
    """What a change of the program costs."""
    again = made_again(lines, _PROGRAM)
    shown = msg("made again when `{file}` changes: {lines}", file=_PROGRAM, lines=" · ".join(map(str, again)))
    if any("pip install" in line.rest for line in again):
        return failed(
            msg("each change of `{file}` installs everything anew.", file=_PROGRAM),
            shown,
            hint=msg("From the first line that has changed on, everything is made again. Which line may come later?"),
        )
    if "pip install" in " ".join(line.rest for line in made_again(lines, _NEEDED)):
        return see(shown)
    return failed(msg("when `{file}` changes, nothing new is installed.", file=_NEEDED), shown)


EXERCISE = Exercise(
    id="orchestration-1",
    title=msg("What changes often comes last"),
    task=msg(
        "The function returns a Dockerfile for the same program. Put its lines into an order in which a change of "
        "`{program}` does not install everything anew; all that the old one does, the new one does, too.",
        program=_PROGRAM,
    ),
    checks=(try_function("orchestration-1", _look),),
    solved=msg("a change of the program costs a copy, and no installation."),
    hints=(
        msg("`COPY . .` copies everything, so it has changed whenever anything has. What does `pip install` really need?"),
        msg("Copying may be done in two lines: one file first, the others later."),
        msg("COPY requirements.txt, then RUN pip install, and only then COPY . ."),
    ),
    solution=f'''@t.place("orchestration-1")
def dockerfile():
    return """{_GOOD}"""''',
    alternative='''@t.place("orchestration-1")
def dockerfile():
    return """
FROM python:3.11-slim
WORKDIR /app
COPY ["requirements.txt", "./"]
RUN pip install --no-cache-dir \\
    -r requirements.txt
USER 1000
COPY shop.py .
CMD python shop.py
"""''',
    mistakes=(
        Mistake(
            name="as it was",
            cell='@t.place("orchestration-1")\ndef dockerfile():\n    return """'
            + _GOOD.replace("COPY . .\n", "").replace("COPY requirements.txt .", "COPY . .")
            + '"""',
            says="installs everything anew",
        ),
        Mistake(
            name="installed before its list is there",
            cell='@t.place("orchestration-1")\ndef dockerfile():\n    return """'
            + _GOOD.replace("COPY requirements.txt .\n", "")
            + '"""',
            says="the build fails at `RUN pip install -r requirements.txt`",
        ),
        Mistake(
            name="the program is left out",
            cell='@t.place("orchestration-1")\ndef dockerfile():\n    return """'
            + _GOOD.replace("COPY . .\n", "")
            + '"""',
            says="the image has no `shop.py`",
        ),
        Mistake(
            name="the user got lost",
            cell='@t.place("orchestration-1")\ndef dockerfile():\n    return """'
            + _GOOD.replace("USER 1000\n", "")
            + '"""',
            says="would run as root",
        ),
        Mistake(
            name="no text",
            cell='@t.place("orchestration-1")\ndef dockerfile():\n    return ["FROM python:3.11-slim"]',
            says="did not return a text",
        ),
    ),
    function=lambda: _GOOD,
)
