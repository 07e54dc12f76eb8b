"""Commands that are part of the shell: they change it, or are so common that a process for each would be waste."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Generator
from typing import Any

from k8s_tutor.embedded.images.permissions import EXECUTE, words_of
from k8s_tutor.embedded.images.program import Effect, Exit, Interrupted, Join
from k8s_tutor.embedded.images.shell.interpreter import Builtin, Running, Shell
from k8s_tutor.embedded.images.shell.printing import ConditionFault, echo_text, format_text, holds
from k8s_tutor.embedded.images.shell.streams import Break, Return, Streams, read_line

__all__ = ["BUILTINS"]


def _now(function: Callable[[Shell, list[str], Streams], int]) -> Builtin:
    """A builtin that takes no time."""

    def run(shell: Shell, arguments: list[str], streams: Streams) -> Running:
        return function(shell, arguments, streams)
        yield  # type: ignore[unreachable]  # never reached; makes it a generator like the others

    return run


def _number(arguments: list[str], default: int) -> int:
    return int(arguments[1]) if len(arguments) > 1 and arguments[1].lstrip("-").isdigit() else default


def _exit(shell: Shell, arguments: list[str], _: Streams) -> int:
    raise Exit(_number(arguments, shell.status) & 255)


def _return(shell: Shell, arguments: list[str], _: Streams) -> int:
    raise Return(_number(arguments, shell.status) & 255)


def _break(_shell: Shell, arguments: list[str], _: Streams) -> int:
    raise Break(_number(arguments, 1), again=arguments[0] == "continue")


def _cd(shell: Shell, arguments: list[str], streams: Streams) -> int:
    target = arguments[1] if len(arguments) > 1 else shell.variables.get("HOME", "/")
    path = posixpath.normpath(posixpath.join(shell.system.directory, target))
    files = shell.system.files
    if not files.is_directory(path) or not files.allows(path, EXECUTE):
        why = "Permission denied" if files.is_directory(path) else "No such file or directory"
        streams.stderr.write(f"{shell.name}: cd: line 0: can't cd to {target}: {why}\n".encode())
        return 2
    shell.system.directory = path
    return 0


def _umask(shell: Shell, arguments: list[str], streams: Streams) -> int:
    files = shell.system.files
    if len(arguments) == 1:
        streams.stdout.write(f"{files.umask:04o}\n".encode())
    elif re.fullmatch("[0-7]{1,4}", arguments[1]):
        files.umask = int(arguments[1], 8) & 0o777
    else:
        streams.stderr.write(f"{shell.name}: umask: line 0: illegal mode: {arguments[1]}\n".encode())
        return 2
    return 0


def _pwd(shell: Shell, _arguments: list[str], streams: Streams) -> int:
    streams.stdout.write(f"{shell.system.directory}\n".encode())
    return 0


def _export(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if len(arguments) == 1 or arguments[1] == "-p":
        for name, value in sorted(shell.environment().items()):
            streams.stdout.write(f"export {name}='{value}'\n".encode())
    for argument in arguments[1:]:
        name, equals, value = argument.partition("=")
        if equals:
            shell.put(name, value)
        if arguments[0] == "export":
            shell.exported[name] = None
    return 0


def _unset(shell: Shell, arguments: list[str], _: Streams) -> int:
    for name in arguments[1:]:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


def _set(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if len(arguments) == 1:
        for name, value in sorted(shell.variables.items()):
            streams.stdout.write(f"{name}='{value}'\n".encode())
    rest = arguments[1:]
    while rest and rest[0][:1] in ("-", "+") and rest[0] != "--":
        flags = rest.pop(0)
        letters = flags[1:]
        if letters.endswith("o") and rest:
            letters = letters[:-1] + {"errexit": "e", "nounset": "u", "xtrace": "x"}.get(rest.pop(0), "")
        for letter in letters:
            (shell.options.add if flags[0] == "-" else shell.options.discard)(letter)
    if rest[:1] == ["--"]:
        shell.arguments = rest[1:]
    elif rest:
        shell.arguments = rest
    return 0


def _shift(shell: Shell, arguments: list[str], _: Streams) -> int:
    count = _number(arguments, 1)
    if count > len(shell.arguments):
        return 1
    shell.arguments = shell.arguments[count:]
    return 0


def _trap(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if len(arguments) == 1:
        for signal, command in shell.traps.items():
            streams.stdout.write(f"trap -- '{command}' {signal}\n".encode())
        return 0
    command, signals = arguments[1], arguments[2:]
    for signal in signals:
        name = {"0": "EXIT", "1": "HUP", "2": "INT", "3": "QUIT", "15": "TERM"}.get(signal, signal.removeprefix("SIG"))
        if command == "-":
            shell.traps.pop(name, None)
            continue
        shell.traps[name] = command
        if name != "EXIT":
            shell.system.catch(name, defer=True)
    return 0


def _wait(shell: Shell, arguments: list[str], streams: Streams) -> Running:
    wanted = [job for job in shell.jobs if len(arguments) == 1 or str(job.pid) in arguments[1:]]
    if len(arguments) > 1 and not wanted:
        return 127
    status = 0
    for signal in shell.traps:
        if signal != "EXIT":
            shell.system.catch(signal)  # `wait` is the one command that a trapped signal cuts short
    try:
        for job in wanted:
            status = yield Join(job)
    except Interrupted as signal:
        shell.system.pending.append(signal.signal)
        status = 128 + 15
    finally:
        for signal_name in shell.traps:
            if signal_name != "EXIT":
                shell.system.catch(signal_name, defer=True)
    yield from shell.deliver_signals(streams)
    return status if len(arguments) > 1 else 0


def _read(shell: Shell, arguments: list[str], streams: Streams) -> Generator[Effect, Any, int]:
    names = [name for name in arguments[1:] if not name.startswith("-")] or ["REPLY"]
    line = yield from read_line(streams.stdin)
    if line is None:
        return 1
    pieces = line.rstrip("\n").split(None, len(names) - 1)
    for number, name in enumerate(names):
        shell.put(name, pieces[number].strip() if number < len(pieces) else "")
    return 0


def _echo(_shell: Shell, arguments: list[str], streams: Streams) -> int:
    streams.stdout.write(echo_text(arguments[1:]).encode())
    return 0


def _printf(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if len(arguments) < 2:
        streams.stderr.write(f"{shell.name}: usage: printf FORMAT [ARGUMENT...]\n".encode())
        return 2
    streams.stdout.write(format_text(arguments[1], arguments[2:]).encode())
    return 0


def _test(shell: Shell, arguments: list[str], streams: Streams) -> int:
    expression = arguments[1:]
    if arguments[0] in ("[", "[["):
        closing = "]" * len(arguments[0])
        if expression[-1:] != [closing]:
            streams.stderr.write(f"{shell.name}: missing {closing}\n".encode())
            return 2
        expression = expression[:-1]
    try:
        return 0 if holds(expression, shell.system.files, shell.system.directory) else 1
    except ConditionFault as fault:
        streams.stderr.write(f"{shell.name}: {fault}\n".encode())
        return 2


def _type(shell: Shell, arguments: list[str], streams: Streams) -> int:
    status = 0
    for name in arguments[1:]:
        if name in shell.functions:
            streams.stdout.write(f"{name} is a function\n".encode())
        elif name in shell.builtins:
            streams.stdout.write(f"{name} is a shell builtin\n".encode())
        elif shell.system.program(name) is not None:
            streams.stdout.write(f"{name} is {name}\n".encode())
        else:
            streams.stdout.write(f"{name}: not found\n".encode())
            status = 127
    return status


def _command(shell: Shell, arguments: list[str], streams: Streams) -> Running:
    if arguments[1:2] != ["-v"]:
        return (yield from shell.call(arguments[1:], streams))
    status = 0
    for name in arguments[2:]:
        if name in shell.functions or name in shell.builtins or shell.system.program(name) is not None:
            streams.stdout.write(f"{name}\n".encode())
        else:
            status = 127
    return status


def _eval(shell: Shell, arguments: list[str], streams: Streams) -> Running:
    return (yield from shell.run_text(" ".join(arguments[1:]), streams))


def _exec(shell: Shell, arguments: list[str], streams: Streams) -> Running:
    if len(arguments) == 1:
        return 0
    shell.traps.clear()
    status = yield from shell.external(arguments[1:], streams, shell.environment(), last=True)
    raise Exit(status)


def _source(shell: Shell, arguments: list[str], streams: Streams) -> Running:
    path = posixpath.normpath(posixpath.join(shell.system.directory, arguments[1]))
    try:
        text = shell.system.files.read(path).decode()
    except OSError as error:
        streams.stderr.write(f"{shell.name}: .: can't open '{arguments[1]}': {words_of(error)}\n".encode())
        raise Exit(2) from None
    return (yield from shell.run_text(text, streams))


def _kill(shell: Shell, arguments: list[str], streams: Streams) -> int:
    signal, status = "TERM", 0
    for argument in arguments[1:]:
        if argument.startswith("-") and argument != "--":
            names = {"1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "15": "TERM"}
            signal = names.get(argument[1:], argument[1:].removeprefix("SIG"))
        elif not (argument.isdigit() and shell.system.kill(int(argument), signal)):
            streams.stderr.write(f"{shell.name}: can't kill pid {argument}: No such process\n".encode())
            status = 1
    return status


BUILTINS: dict[str, Builtin] = {
    ":": _now(lambda _shell, _arguments, _streams: 0),
    "true": _now(lambda _shell, _arguments, _streams: 0),
    "false": _now(lambda _shell, _arguments, _streams: 1),
    "exit": _now(_exit),
    "return": _now(_return),
    "break": _now(_break),
    "continue": _now(_break),
    "cd": _now(_cd),
    "umask": _now(_umask),
    "pwd": _now(_pwd),
    "export": _now(_export),
    "readonly": _now(_export),
    "local": _now(_export),
    "unset": _now(_unset),
    "set": _now(_set),
    "shift": _now(_shift),
    "trap": _now(_trap),
    "wait": _wait,
    "read": _read,
    "echo": _now(_echo),
    "printf": _now(_printf),
    "test": _now(_test),
    "[": _now(_test),
    "[[": _now(_test),
    "type": _now(_type),
    "command": _command,
    "eval": _eval,
    "exec": _exec,
    ".": _source,
    "kill": _now(_kill),
}
