"""A command line in the reader's language: argparse's own words, and columns that keep their edge."""

from __future__ import annotations

import argparse
import gettext
import unicodedata

from k8s_tutor.language.message import Message, Wording, msg_n, msg_template

__all__ = ["pad", "translate_argparse"]

_WORDS = (
    msg_template("usage: "),
    msg_template("positional arguments"),
    msg_template("options"),
    msg_template("show this help message and exit"),
    msg_template("show program's version number and exit"),
    msg_template("%(prog)s: error: %(message)s\n"),
    msg_template("argument %(argument_name)s: %(message)s"),
    msg_template("the following arguments are required: %s"),
    msg_template("unrecognized arguments: %s"),
    msg_template("invalid %(type)s value: %(value)r"),
    msg_template("invalid choice: %(value)r (choose from %(choices)s)"),
    msg_template("ambiguous option: %(option)s could match %(matches)s"),
    msg_template("ignored explicit argument %r"),
    msg_template("not allowed with argument %s"),
    msg_template("expected one argument"),
    msg_template("expected at least one argument"),
    msg_template("expected at most one argument"),
)
_ARGUMENTS = msg_n("expected %s argument", "expected %s arguments", 2)


def translate_argparse() -> None:
    """Has argparse say its own words in the reader's language. It asks `gettext` for them, by these two names."""
    known = {one.template: one for one in _WORDS}

    def say(text: str) -> str:
        return str(known[text]) if text in known else gettext.gettext(text)

    def count(one: str, many: str, n: int) -> str:
        if (one, many) == (_ARGUMENTS.template, _ARGUMENTS.many):
            return str(Message(one, {"n": n}, many))
        return gettext.ngettext(one, many, n)

    vars(argparse).update({"_": say, "ngettext": count})


def pad(words: Wording, width: int) -> str:
    """Words with spaces behind them up to a width, in columns of a terminal: a Chinese character takes two."""
    text = str(words)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return text + " " * max(width - len(text) - wide, 0)
