"""Runs a script: one `Shell` is one shell process (or subshell) with its variables, functions and traps."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias

from k8s_tutor.embedded.images.program import (
    Busy,
    CannotFork,
    Child,
    Effect,
    Exit,
    Interrupted,
    Join,
    Main,
    Program,
    System,
)
from k8s_tutor.embedded.images.shell.expansion import ArithmeticFault, Expander, ParameterFault, matches
from k8s_tutor.embedded.images.shell.lexer import ShellSyntaxError
from k8s_tutor.embedded.images.shell.parameters import Parameters
from k8s_tutor.embedded.images.shell.parser import parse
from k8s_tutor.embedded.images.shell.streams import Break, Lines, Redirection, RedirectionFault, Return, Streams
from k8s_tutor.embedded.images.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Substitution,
)

__all__ = ["Builtin", "Running", "Shell"]

Running: TypeAlias = Generator[Effect, Any, int]
Builtin: TypeAlias = Callable[["Shell", list[str], Streams], Running]
"""A command of the shell's own: gets the shell, its arguments (its name first) and its streams."""

_BREATH = 0.05  # seconds that pass where a script does much in an instant
_STEP = 0.001  # seconds a command inside the shell takes: time must pass in a loop without `sleep`


class Shell(Parameters):
    """One shell.

    Attributes:
        builtins: The shell's own commands, by name.
        traps: Commands by signal name, `EXIT` included.
    """

    def __init__(self, system: System, name: str, arguments: Sequence[str], builtins: Mapping[str, Builtin]) -> None:
        self.builtins = builtins
        super().__init__(system, name, arguments)
        self.functions: dict[str, Command] = {}
        self.traps: dict[str, str] = {}
        self.in_condition = 0
        self.expander = Expander(self, self._capture, system.files, lambda: system.directory)
        self._redirection = Redirection(system, self.expander)

    # --- running ------------------------------------------------------------------------------------------------------

    def run_text(self, text: str, streams: Streams, *, last: bool = False) -> Running:
        """Reads and runs a script. `last`: nothing follows, so its last command may take this process's place."""
        try:
            script = parse(text)
        except ShellSyntaxError as error:
            streams.stderr.write(f"{self.name}: {error}\n".encode())
            self.status = 2
            return 2
        return (yield from self.run(script, streams, last=last))

    def run(self, script: Script, streams: Streams, *, last: bool = False) -> Running:
        """Runs statements in order; the result is the last one's."""
        for number, statement in enumerate(script.statements):
            if statement.background:
                self._start_job(Script((type(statement)(statement.command),)), streams)
                self.status = 0
                continue
            final = last and number == len(script.statements) - 1 and not self.traps
            self.status = yield from self._and_or(statement.command, streams, last=final)
            yield from self.deliver_signals(streams)
            if self.status and "e" in self.options and not self.in_condition and len(statement.command.pipelines) == 1:
                raise Exit(self.status)
        return self.status

    def deliver_signals(self, streams: Streams) -> Running:
        """Runs the traps of signals that came meanwhile: a shell waits for its foreground command first."""
        while self.system.pending:
            signal = self.system.pending.pop(0)
            command = self.traps.get(signal, "")
            status = self.status
            yield from self.run_text(command, streams)
            self.status = status
        return self.status

    def _and_or(self, command: AndOr, streams: Streams, *, last: bool) -> Running:
        status = 0
        several = len(command.pipelines) > 1
        for number, (operator, pipeline) in enumerate(command.pipelines):
            if (operator == "&&" and status) or (operator == "||" and not status):
                continue
            final = number == len(command.pipelines) - 1
            self.in_condition += several and not final
            try:
                status = yield from self._pipeline(pipeline, streams, last=last and final)
            finally:
                self.in_condition -= several and not final
            self.status = status
        return status

    def _pipeline(self, pipeline: Pipeline, streams: Streams, *, last: bool) -> Running:
        if len(pipeline.commands) == 1:
            self.in_condition += pipeline.negated
            status = yield from self.command(pipeline.commands[0], streams, last=last and not pipeline.negated)
            self.in_condition -= pipeline.negated
            return int(not status) if pipeline.negated else status
        children = []
        stdin = streams.stdin
        for command in pipeline.commands[:-1]:
            pipe = self.system.pipe()
            children.append(self._subshell(command, Streams(stdin, pipe, streams.stderr)))
            stdin = pipe
        children.append(self._subshell(pipeline.commands[-1], Streams(stdin, streams.stdout, streams.stderr)))
        status = 0
        for child in children:
            status = yield Join(child)
        return int(not status) if pipeline.negated else status

    def _subshell(self, command: Command, streams: Streams) -> Child:
        """Runs a command in a child process of its own."""
        copy = self.copied

        def main(system: System) -> Program:
            shell = copy(system)
            return (yield from shell.finish(shell.command(command, streams, last=True), streams))

        return self.system.spawn(
            main,
            (self.name,),
            stdin=streams.stdin,
            stdout=streams.stdout,
            stderr=streams.stderr,
            env=self.environment(),
        )

    def _start_job(self, script: Script, streams: Streams) -> None:
        group = Group(script, subshell=False)
        self.jobs.append(self._subshell(group, Streams(None, streams.stdout, streams.stderr)))

    def copied(self, system: System) -> Shell:
        """The same shell in another process."""
        other = Shell(system, self.name, self.arguments, self.builtins)
        other.variables = dict(self.variables)
        other.exported = dict(self.exported)
        other.functions = dict(self.functions)
        other.options = set(self.options)
        other.status = self.status
        return other

    def finish(self, running: Running, streams: Streams) -> Running:
        """Runs to the end, the EXIT trap included."""
        try:
            status = yield from running
        except Exit as leave:
            status = leave.code
        except (Break, Return):
            status = self.status
        except CannotFork:
            streams.stderr.write(f"{self.name}: can't fork: Resource temporarily unavailable\n".encode())
            status = 2
        except (ParameterFault, ArithmeticFault) as fault:
            streams.stderr.write(f"{self.name}: {fault}\n".encode())
            status = 2
        if "EXIT" in self.traps:
            command = self.traps.pop("EXIT")
            self.status = status
            try:
                yield from self.run_text(command, streams)
            except Exit as leave:
                status = leave.code
        return status

    # --- commands -----------------------------------------------------------------------------------------------------

    def command(self, command: Command, streams: Streams, *, last: bool = False) -> Running:  # noqa: C901, PLR0911 (a table)
        """Runs one command with its redirections."""
        if self.system.must_breathe():
            yield Busy(_BREATH)
        if isinstance(command, Simple):
            return (yield from self._simple(command, streams, last=last))
        if isinstance(command, Function):
            self.functions[command.name] = command.body
            return 0
        turned = yield from self._redirected(command.redirects, streams)
        if turned is None:
            return 1
        match command:
            case If():
                return (yield from self._if(command, turned))
            case Loop():
                return (yield from self._loop(command, turned))
            case For():
                return (yield from self._for(command, turned))
            case Case():
                return (yield from self._case(command, turned))
            case Group(body, subshell=False):
                return (yield from self.run(body, turned))
            case Group(body):
                return (yield from self._join(self._subshell(Group(body, subshell=False), turned), streams))

    def _join(self, child: Child, streams: Streams) -> Running:
        """Waits for a subshell, and says what killed it."""
        status = yield Join(child)
        if child.killed_by in _DEATHS:
            streams.stderr.write(f"{_DEATHS[child.killed_by]}\n".encode())
        return int(status)

    def _if(self, command: If, streams: Streams) -> Running:
        for condition, body in command.branches:
            if not (yield from self._condition(condition, streams)):
                return (yield from self.run(body, streams))
        return (yield from self.run(command.otherwise, streams)) if command.otherwise is not None else 0

    def _condition(self, condition: Script, streams: Streams) -> Running:
        self.in_condition += 1
        try:
            return (yield from self.run(condition, streams))
        finally:
            self.in_condition -= 1

    def _loop(self, command: Loop, streams: Streams) -> Running:
        status = 0
        while ((yield from self._condition(command.condition, streams)) != 0) == command.until:
            yield Busy(_STEP)
            try:
                status = yield from self.run(command.body, streams)
            except Break as leave:
                if self._leaves(leave):
                    break
        return status

    def _for(self, command: For, streams: Streams) -> Running:
        words = self.arguments if command.words is None else (yield from self.expander.arguments(command.words))
        status = 0
        for word in list(words):
            yield Busy(_STEP)
            self.put(command.name, word)
            try:
                status = yield from self.run(command.body, streams)
            except Break as leave:
                if self._leaves(leave):
                    break
        return status

    def _leaves(self, leave: Break) -> bool:
        """Whether the innermost loop ends; passes on what is meant for an outer one."""
        if leave.levels > 1:
            leave.levels -= 1
            raise leave
        return not leave.again

    def _case(self, command: Case, streams: Streams) -> Running:
        text = yield from self.expander.text(command.word)
        for patterns, body in command.branches:
            for pattern in patterns:
                if matches(text, (yield from self.expander.pattern(pattern))):
                    return (yield from self.run(body, streams))
        return 0

    def _simple(self, command: Simple, streams: Streams, *, last: bool) -> Running:
        arguments = yield from self.expander.arguments(command.words)
        assigned = {}
        for name, word in command.assignments:
            assigned[name] = yield from self.expander.text(word)
        turned = yield from self._redirected(command.redirects, streams)
        if turned is None:
            return 1
        if not arguments:
            for name, value in assigned.items():
                self.put(name, value)
            substituted = any(isinstance(part, Substitution) for _, word in command.assignments for part in word)
            return self.status if substituted else 0
        if "x" in self.options:
            turned.stderr.write(f"+ {' '.join(arguments)}\n".encode())
        if arguments[0] in self.functions:
            return (yield from self._call(arguments, turned))
        if arguments[0] in self.builtins:
            self.variables.update(assigned if arguments[0] in ("export", "readonly", "exec", "eval", ".") else {})
            return (yield from self.call(arguments, turned))
        return (yield from self.external(arguments, turned, {**self.environment(), **assigned}, last=last))

    def _call(self, arguments: list[str], streams: Streams) -> Running:
        outer, self.arguments = self.arguments, arguments[1:]
        try:
            return (yield from self.command(self.functions[arguments[0]], streams))
        except Return as leave:
            return leave.status
        finally:
            self.arguments = outer

    def call(self, arguments: list[str], streams: Streams) -> Running:
        """Runs one of the shell's own commands, or a program."""
        builtin = self.builtins.get(arguments[0])
        if builtin is not None:
            return (yield from builtin(self, arguments, streams))
        return (yield from self.external(arguments, streams, self.environment(), last=False))

    def external(self, arguments: list[str], streams: Streams, env: dict[str, str], *, last: bool) -> Running:
        """Runs a program of the image; as the last command of a script it takes the shell's own place, as in ash."""
        main = self.system.program(arguments[0])
        if main is None:
            words = "not found" if "/" not in arguments[0] or not self._is_file(arguments[0]) else "Permission denied"
            streams.stderr.write(f"{self.name}: {arguments[0]}: {words}\n".encode())
            return 127 if words == "not found" else 126
        if last and "EXIT" not in self.traps and not self.traps:
            return (yield from self._replace(main, arguments, streams, env))
        child = self.system.spawn(
            main, arguments, stdin=streams.stdin, stdout=streams.stdout, stderr=streams.stderr, env=env
        )
        while True:
            try:
                status = yield Join(child)
                if child.killed_by in _DEATHS:
                    streams.stderr.write(f"{_DEATHS[child.killed_by]}\n".encode())
                return int(status)
            except Interrupted as signal:  # Ctrl-C reaches the foreground command too
                child.signal(signal.signal)

    def _replace(self, main: Main, arguments: list[str], streams: Streams, env: dict[str, str]) -> Running:
        system = self.system
        system.become(arguments, env, streams.stdin, streams.stdout, streams.stderr)
        return (yield from main(system))

    def _is_file(self, name: str) -> bool:
        return self.system.files.exists(posixpath.normpath(posixpath.join(self.system.directory, name)))

    # --- redirections and substitutions -------------------------------------------------------------------------------

    def _redirected(self, redirects: Sequence[Redirect], streams: Streams) -> Generator[Effect, Any, Streams | None]:
        """The streams after the redirections; None after saying why not."""
        try:
            return (yield from self._redirection.turned(redirects, streams))
        except RedirectionFault as fault:
            streams.stderr.write(f"{self.name}: {fault}\n".encode())
            return None

    def _capture(self, script: Script) -> Generator[Effect, Any, str]:
        lines = Lines(self.system)
        stderr = self.system.console("/dev/stderr")
        child = self._subshell(Group(script, subshell=False), Streams(None, lines, stderr))
        self.status = yield Join(child)
        self.system.keep(-len(lines.data))
        return lines.data.decode(errors="replace")


_DEATHS = {
    "SEGV": "Segmentation fault (core dumped)",
    "TERM": "Terminated",
    "KILL": "Killed",
    "HUP": "Hangup",
    "QUIT": "Quit",
}
