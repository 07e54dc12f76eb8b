"""Reads a script into its syntax: POSIX shell grammar, as far as `shell` says it goes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from k8s_tutor.embedded.images.shell.lexer import Lexer, ShellSyntaxError
from k8s_tutor.embedded.images.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Statement,
    Word,
)

__all__ = ["parse"]

_REDIRECTS = ("<<-", "<<", ">>", ">&", "<&", ">|", "<", ">")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLOSERS = ("then", "fi", "elif", "else", "do", "done", "esac", "}")


def parse(text: str) -> Script:
    """Reads a whole script.

    Raises:
        ShellSyntaxError: it is not one.
    """
    parser = _Parser(text)
    script = parser.script(())
    parser.end()
    return script


class _Parser:
    def __init__(self, text: str) -> None:
        self._lexer = Lexer(text, parse)
        self._token = self._lexer.next()

    def end(self) -> None:
        if self._token is not None:
            raise self._unexpected()

    def script(self, until: Iterable[str]) -> Script:
        """Statements up to a closing word (or `)` or `;;`)."""
        statements = []
        self._skip("\n")
        while self._token is not None and not self._at_end(until):
            command = self._and_or()
            background = self._operator() == "&"
            statements.append(Statement(command, background))
            if self._operator() not in (";", "&", "\n"):
                break
            self._advance()
            self._skip("\n", ";")
        return Script(tuple(statements))

    def _at_end(self, until: Iterable[str]) -> bool:
        token = self._token
        assert token is not None
        if token.plain in _CLOSERS and token.plain not in until:
            raise self._unexpected()
        return (token.plain or token.operator) in until or token.operator in (")", ";;")

    def _and_or(self) -> AndOr:
        found = [("", self._pipeline())]
        while (operator := self._operator()) in ("&&", "||"):
            self._advance()
            self._skip("\n")
            found.append((operator, self._pipeline()))
        return AndOr(tuple(found))

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._plain() == "!":
            negated = not negated
            self._advance()
        commands = [self._command()]
        while self._operator() == "|":
            self._advance()
            self._skip("\n")
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:  # noqa: PLR0911 (a table of keywords)
        word = self._plain()
        if self._operator() == "(":
            self._advance()
            return Group(self._closed((")",)), True, self._redirects())
        match word:
            case "{":
                self._advance()
                return Group(self._closed(("}",)), False, self._redirects())
            case "if":
                return self._if()
            case "while" | "until":
                self._advance()
                condition = self._closed(("do",))
                return Loop(condition, self._closed(("done",)), word == "until", self._redirects())
            case "for":
                return self._for()
            case "case":
                return self._case()
        return self._simple()

    def _if(self) -> If:
        branches, otherwise = [], None
        self._advance()
        while True:
            condition = self._closed(("then",))
            body = self.script(("elif", "else", "fi"))
            branches.append((condition, body))
            word = self._plain()
            self._advance()
            if word == "elif":
                continue
            if word == "else":
                otherwise = self._closed(("fi",))
            elif word != "fi":
                raise self._unexpected()
            return If(tuple(branches), otherwise, self._redirects())

    def _for(self) -> For:
        self._advance()
        name = self._plain() or ""
        if not _NAME.fullmatch(name):
            raise ShellSyntaxError("syntax error: bad for loop variable")
        self._advance()
        self._skip("\n")
        words: tuple[Word, ...] | None = None
        if self._plain() == "in":
            self._advance()
            listed = []
            while self._token is not None and not self._token.operator:
                listed.append(self._token.word)
                self._advance()
            words = tuple(listed)
        self._skip(";", "\n")
        if self._plain() != "do":
            raise self._unexpected()
        self._advance()
        return For(name, words, self._closed(("done",)), self._redirects())

    def _case(self) -> Case:
        self._advance()
        word = self._word()
        self._skip("\n")
        if self._plain() != "in":
            raise self._unexpected()
        self._advance()
        self._skip("\n")
        branches = []
        while self._plain() != "esac":
            if self._operator() == "(":
                self._advance()
            patterns = [self._word()]
            while self._operator() == "|":
                self._advance()
                patterns.append(self._word())
            if self._operator() != ")":
                raise self._unexpected()
            self._advance()
            branches.append((tuple(patterns), self.script(("esac",))))
            self._skip(";;", "\n")
        self._advance()
        return Case(word, tuple(branches), self._redirects())

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while self._token is not None:
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            if self._token.operator:
                break
            word = self._word()
            assigned = _assignment(word) if not words else None
            if assigned is not None:
                assignments.append(assigned)
            else:
                words.append(word)
            if len(words) == 1 and self._operator() == "(" and not assignments:
                return self._function(word)
        if not (assignments or words or redirects):
            raise self._unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _function(self, word: Word) -> Function:
        self._advance()
        if self._operator() != ")" or not isinstance(word[0], Literal):
            raise self._unexpected()
        self._advance()
        self._skip("\n")
        return Function(word[0].text, self._command())

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
        return tuple(found)

    def _redirect(self) -> Redirect | None:
        token = self._token
        if token is None:
            return None
        descriptor = -1
        if token.plain is not None and token.plain.isdigit() and token.glued:
            descriptor = int(token.plain)
            self._advance()
        operator = self._operator()
        if operator not in _REDIRECTS:
            return None
        self._advance()
        if descriptor < 0:
            descriptor = 0 if operator.startswith("<") else 1
        if operator in ("<<", "<<-"):
            return self._document(descriptor, strip=operator == "<<-")
        return Redirect(descriptor, operator, self._word())

    def _document(self, descriptor: int, *, strip: bool) -> Redirect:
        token = self._token
        if token is None:
            raise self._unexpected()
        end = "".join(part.text for part in token.word if isinstance(part, Literal))
        document = self._lexer.here_document(end, quoted=token.plain is None, strip=strip)
        self._advance()
        return Redirect(descriptor, "<<", document=document)

    def _closed(self, closers: tuple[str, ...]) -> Script:
        script = self.script(closers)
        if (self._plain() or self._operator()) not in closers:
            raise self._unexpected(expecting=closers[0])
        self._advance()
        return script

    def _word(self) -> Word:
        if self._token is None or self._token.operator:
            raise self._unexpected()
        word = self._token.word
        self._advance()
        return word

    def _plain(self) -> str | None:
        return self._token.plain if self._token is not None else None

    def _operator(self) -> str:
        return self._token.operator if self._token is not None else ""

    def _skip(self, *operators: str) -> None:
        while self._operator() in operators and self._operator():
            self._advance()

    def _advance(self) -> None:
        self._token = self._lexer.next()

    def _unexpected(self, *, expecting: str = "") -> ShellSyntaxError:
        if self._token is None:
            wanted = f' (expecting "{expecting}")' if expecting else ""
            return ShellSyntaxError(f"syntax error: unexpected end of file{wanted}")
        if self._token.operator == "\n":
            return ShellSyntaxError("syntax error: unexpected newline")
        if self._token.plain is not None and self._token.plain not in _CLOSERS:
            return ShellSyntaxError("syntax error: unexpected word")
        found = self._token.plain or self._token.operator or "word"
        return ShellSyntaxError(f'syntax error: unexpected "{found}"')


def _assignment(word: Word) -> tuple[str, Word] | None:
    """`NAME=value`, if the word is one."""
    first = word[0]
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = first.text[match.end() :]
    return match.group(1), ((Literal(rest),) if rest else ()) + word[1:]
