"""What an explanation is: a chain of evidence, the cause at its end, and the command to type next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from k8s_tutor.graph.model import LOOKS, State
from k8s_tutor.language.message import Message, msg, msg_template, plain
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Evidence", "Explanation", "Field", "Finding", "condition", "field_of", "says", "seen", "title"]


# ---- A place in an object, with its path: whoever reads a value knows where it stands

_ALWAYS = ("metadata.name", "kind", "apiVersion", "metadata")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one object, there or not.

    Attributes:
        obj: The object.
        path: `status.conditions[0].reason`; `""` is the object itself.
        value: What is there; None for nothing.
        parent: The field around it; None for the object itself.
    """

    obj: Obj
    path: str
    value: Json
    parent: Field | None = None

    def at(self, path: str) -> Field:
        """The field below, along dots: `spec.replicas`."""
        found = self
        for step in path.split("."):
            found = found.key(step)
        return found

    def key(self, name: str) -> Field:
        """The field below by its name, whatever characters it has."""
        plain = name.replace("-", "").replace("_", "").isalnum()
        path = f"{self.path}.{name}".lstrip(".") if plain else f"{self.path}[{name}]"
        below = self.value.get(name) if isinstance(self.value, dict) else None
        return Field(self.obj, path, below, self)

    def items(self) -> Iterator[Field]:
        """The items of a list, in order; nothing where there is no list."""
        rows = self.value if isinstance(self.value, list) else ()
        for index, row in enumerate(rows):
            yield Field(self.obj, f"{self.path}[{index}]", row, self)

    def entries(self) -> Iterator[tuple[str, Field]]:
        """The names in a map, sorted, each with its field."""
        for name in sorted(self.value) if isinstance(self.value, dict) else ():
            yield str(name), self.key(str(name))

    def item(self, **wanted: str) -> Field:
        """The first item with these fields: `conditions.item(type="Ready")`; one that is not there where none has."""
        for row in self.items():
            if all(row.key(name).value == value for name, value in wanted.items()):
                return row
        return Field(self.obj, f"{self.path}[]", None, self)

    @property
    def text(self) -> str:
        """What is there as text, `""` for nothing."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "" if self.value is None else str(self.value)

    @property
    def number(self) -> int:
        """What is there as a number, 0 for nothing."""
        return self.value if isinstance(self.value, int) else 0

    @property
    def there(self) -> Field:
        """This field, or the nearest around it that the object has: what can be looked up."""
        found = self
        while found.parent is not None and found.value is None:
            found = found.parent
        if found.path:
            return found
        known = (found.at(path) for path in _ALWAYS)
        return next((field for field in known if field.value is not None), found)

    def __bool__(self) -> bool:
        return self.value is not None


def field_of(obj: Obj, path: str = "") -> Field:
    """A field of an object, by the dots on the way to it; the object itself without."""
    whole = Field(obj, "", obj)
    return whole.at(path) if path else whole


# ---- What an explanation is: a chain of evidence, the cause at its end, and the command to type next

_LONGEST = 400  # characters of a value; a scheduler's message of many clauses fits


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field that says something.

    Attributes:
        ref: The object it is in, `Pod web-1`; an Event by its reason, `Event FailedScheduling`.
        field: The path of the field: it is there.
        value: What is there, `""` where the sentence is about something that is not.
        sentence: What that means.
        uid: The object's.
    """

    ref: str
    field: str
    value: str
    sentence: Message
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        cause: What is the matter, as the end of a sentence that begins with the object.
        steps: The evidence, from the object towards the cause.
        next_command: What to type next.
        state: How the object is for that.
    """

    cause: Message
    steps: tuple[Evidence, ...]
    next_command: str
    state: State = State.FAILING

    def behind(self, *steps: Evidence) -> Finding:
        """The same, with evidence before it: how one gets from another object to this one."""
        return Finding(self.cause, (*steps, *self.steps), self.next_command, self.state)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an object is as it is. `str()` says it in words; `render.explanation` draws it as cards.

    Attributes:
        subject: What was asked about: `Pod web-1`, or `Service web → Pod web-1`.
        steps: The evidence, one field each, from the subject to the cause.
        cause: The cause in one sentence.
        next_command: A line for the terminal, right for what is there.
        state: How the subject is.
        pair: It is about two objects: whether there is a line between them.
    """

    subject: str
    steps: tuple[Evidence, ...]
    cause: Message
    next_command: str
    state: State = field(default=State.FAILING)
    pair: bool = False

    @property
    def headline(self) -> Message:
        """Subject, word and cause: one line."""
        headline = _HEADLINES[self.state]
        if self.pair and self.state is not State.ABSENT:
            headline = _LINE if self.state is State.GOOD else _NO_LINE
        return headline.fill(subject=self.subject, cause=self.cause)

    @property
    def glyph(self) -> str:
        """The mark of the state: it says without colour how the subject is."""
        return LOOKS[self.state].glyph or "·"

    def __str__(self) -> str:
        lines = [f"{self.glyph} {self.headline}"]
        for number, step in enumerate(self.steps, 1):
            said = f" = {step.value}" if step.value else ""
            lines += [f"  {number}. {step.sentence}", f"     {step.ref}: {step.field}{said}"]
        if self.next_command:
            lines.append(f"  {msg('Next: {command}', command=self.next_command)}")
        return "\n".join(plain(line) for line in lines)

    def __repr__(self) -> str:
        return str(self)


_LINE = msg_template("{subject}: there is a line: {cause}.")
_NO_LINE = msg_template("{subject}: there is no line: {cause}.")
_HEADLINES: Mapping[State, Message] = {
    State.GOOD: msg_template("{subject} is well: {cause}."),
    State.WAITING: msg_template("{subject} waits: {cause}."),
    State.UNREADY: msg_template("{subject} is not ready: {cause}."),
    State.FAILING: msg_template("{subject} does not work: {cause}."),
    State.DONE: msg_template("{subject} is done: {cause}."),
    State.LEAVING: msg_template("{subject} is being deleted: {cause}."),
    State.ABSENT: msg_template("{subject} is not there: {cause}."),
    State.PLAIN: msg_template("{subject}: {cause}."),
}


def seen(place: Field, sentence: Message) -> Evidence:
    """Evidence from a field; from the nearest around it, where the point is that it is not there."""
    there = place.there
    value = _shown(there.value) if there is place else ""
    return Evidence(title(place.obj), there.path, value, sentence, metadata.uid(place.obj))


def title(obj: Obj) -> str:
    """The object for people: `Pod web-1`. An Event goes by its reason: its name says nothing."""
    reason = field_of(obj, "reason").text
    return f"Event {reason}" if obj.get("kind") == "Event" and reason else metadata.title(obj)


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = plain(text).strip()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# ---- Conditions as fields: what an object says of itself, and where


def condition(obj: Obj, kind: str) -> Field:
    """The condition of that type; a field that is not there where the object has none."""
    return field_of(obj, "status.conditions").item(type=kind)


def says(obj: Obj, kind: str, status: str) -> bool:
    """Whether the object says that of this condition."""
    return condition(obj, kind).key("status").text == status
