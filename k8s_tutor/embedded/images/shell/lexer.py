"""Cuts a script into words and operators, and reads what stands inside words: quotes, `$…`, backquotes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from k8s_tutor.embedded.images.shell.syntax import Arithmetic, Literal, Parameter, Part, Script, Substitution, Word

__all__ = ["Lexer", "ShellSyntaxError", "Token"]

_OPERATORS = ("<<-", "<<", ">>", ">&", "<&", "&&", "||", ";;", ">|", "&", "|", ";", "<", ">", "(", ")", "\n")
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_SPECIAL = "?$!#@*0123456789-"


class ShellSyntaxError(Exception):
    """The script cannot be read; the message is ash's."""


@dataclass(frozen=True, slots=True)
class Token:
    """An operator (`word` is empty) or a word.

    Attributes:
        plain: The word's text if nothing in it is quoted or expanded.
        glued: A redirection follows without a blank: `2>`.
    """

    operator: str
    word: Word
    plain: str | None
    glued: bool = False


class Lexer:
    """Reads one token at a time.

    Args:
        text: The script.
        parse: Reads the script inside `$(…)`; given from outside, as it needs the whole grammar.
    """

    def __init__(self, text: str, parse: Callable[[str], Script]) -> None:
        self._text = text.replace("\\\n", "")
        self._parse = parse
        self._at = 0
        self._documents: list[tuple[str, bool, bool, list[Word]]] = []

    def next(self) -> Token | None:
        """The next token, None at the end."""
        self._skip_blank()
        start = self._at
        if start >= len(self._text):
            return None
        for operator in _OPERATORS:
            if self._text.startswith(operator, start):
                self._at += len(operator)
                if operator == "\n":
                    self._read_documents()
                return Token(operator, (), None)
        word = self.word(stop=" \t\n;&|<>()")
        plain = word[0].text if len(word) == 1 and isinstance(word[0], Literal) and not word[0].quoted else None
        return Token("", word, plain, self._text[self._at : self._at + 1] in ("<", ">"))

    def here_document(self, end: str, *, quoted: bool, strip: bool) -> list[Word]:
        """Notes that after this line a here-document follows; the list gets its text as one word."""
        document: list[Word] = []
        self._documents.append((end, quoted, strip, document))
        return document

    def _read_documents(self) -> None:
        for end, quoted, strip, document in self._documents:
            lines = []
            while self._at < len(self._text):
                line, _, _ = self._text[self._at :].partition("\n")
                self._at += len(line) + 1
                line = line.lstrip("\t") if strip else line
                if line == end:
                    break
                lines.append(line + "\n")
            text = "".join(lines)
            document.append(
                (Literal(text, True),) if quoted else Lexer(text, self._parse).word(stop="", in_quotes=True)
            )
        self._documents.clear()

    def _skip_blank(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t":
                self._at += 1
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return

    def word(self, stop: str, *, in_quotes: bool = False) -> Word:
        """Reads up to one of the `stop` characters outside quotes."""
        parts: list[Part] = []
        text = self._text
        while self._at < len(text) and text[self._at] not in stop:
            character = text[self._at]
            if character == "\\":
                parts.append(self._escaped(in_quotes))
            elif character == "'" and not in_quotes:
                end = self._find("'", self._at + 1)
                parts.append(Literal(text[self._at + 1 : end], True))
                self._at = end + 1
            elif character == '"' and stop != '"' and not in_quotes:
                self._at += 1
                parts += self.word('"', in_quotes=True) or (Literal("", True),)
                self._at = self._find('"', self._at) + 1
            elif character in "$`":
                parts.append(self._dollar(in_quotes) if character == "$" else self._backquoted(in_quotes))
            else:
                parts.append(Literal(character, in_quotes))
                self._at += 1
        return _joined(parts)

    def _escaped(self, in_quotes: bool) -> Literal:
        after = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if in_quotes and after not in '$`"\\':
            return Literal("\\" + after, True)
        return Literal(after, True)

    def _dollar(self, quoted: bool) -> Part:
        text, after = self._text, self._text[self._at + 1 : self._at + 2]
        if text.startswith("$((", self._at):
            end = self._matching("((", "))", self._at + 1)
            inner = Lexer(text[self._at + 3 : end], self._parse).word(stop="", in_quotes=True)
            self._at = end + 2
            return Arithmetic(inner)
        if after == "(":
            end = self._matching("(", ")", self._at + 1)
            script = self._parse(text[self._at + 2 : end])
            self._at = end + 1
            return Substitution(script, quoted)
        if after == "{":
            return self._braced(quoted)
        if after and after in _NAME:
            end = self._at + 1
            while end < len(text) and (text[end] in _NAME or text[end].isdigit()):
                end += 1
            name, self._at = text[self._at + 1 : end], end
            return Parameter(name, quoted=quoted)
        if after and after in _SPECIAL:
            self._at += 2
            return Parameter(after, quoted=quoted)
        self._at += 1
        return Literal("$", quoted)

    def _braced(self, quoted: bool) -> Parameter:
        text = self._text
        self._at += 2
        if text[self._at] == "#" and text[self._at + 1] != "}":
            end = self._find("}", self._at)
            name, self._at = text[self._at + 1 : end], end + 1
            return Parameter(name, "length", quoted=quoted)
        start = self._at
        while text[self._at : self._at + 1] and (text[self._at] in _NAME or text[self._at].isdigit()):
            self._at += 1
        if self._at == start:
            self._at += 1  # a special parameter: one character
        name = text[start : self._at]
        colon = text.startswith(":", self._at)
        self._at += colon
        operator = next(
            (one for one in ("##", "%%", "#", "%", "-", "=", "?", "+") if text.startswith(one, self._at)), ""
        )
        self._at += len(operator)
        word = self.word("}", in_quotes=quoted) if operator else ()
        if not text.startswith("}", self._at):
            raise ShellSyntaxError("bad substitution")
        self._at += 1
        return Parameter(name, operator, colon, word, quoted)

    def _backquoted(self, quoted: bool) -> Substitution:
        end = self._find("`", self._at + 1)
        script = self._parse(self._text[self._at + 1 : end].replace("\\`", "`").replace("\\$", "$"))
        self._at = end + 1
        return Substitution(script, quoted)

    def _find(self, what: str, start: int) -> int:
        end = self._text.find(what, start)
        if end < 0:
            raise ShellSyntaxError("syntax error: unterminated quoted string")
        return end

    def _matching(self, opening: str, closing: str, start: int) -> int:
        """Where the bracket opened at `start` closes, past quotes and inner brackets."""
        text, at, depth = self._text, start + len(opening), 1
        while at < len(text):
            if text[at] == "\\":
                at += 2
                continue
            if text[at] == "'":
                at = self._find("'", at + 1)
            elif text.startswith(closing, at) and depth == 1:
                return at
            elif text[at] == "(":
                depth += 1
            elif text[at] == ")":
                depth -= 1
            at += 1
        raise ShellSyntaxError("syntax error: unexpected end of file")


def _joined(parts: list[Part]) -> Word:
    """Neighbouring literals of one kind as one."""
    result: list[Part] = []
    for part in parts:
        last = result[-1] if result else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.quoted == last.quoted:
            result[-1] = Literal(last.text + part.text, part.quoted)
        else:
            result.append(part)
    return tuple(result)
