"""A schema, tried out on objects that it should accept and on others."""

from __future__ import annotations

from typing import Any

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Message,
    Mistake,
    Seen,
    Verdict,
    cannot_tell,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]

_WORDS = {
    "type", "properties", "required", "minimum", "maximum", "enum", "default", "items", "minItems", "maxItems",
    "description", "title", "example", "exclusiveMinimum", "exclusiveMaximum",
}  # fmt: skip
_OTHERS = {
    "pattern", "format", "minLength", "maxLength", "multipleOf", "uniqueItems", "nullable", "additionalProperties",
    "allOf", "anyOf", "oneOf", "not", "minProperties", "maxProperties",
}  # fmt: skip
_TYPES = {"integer": int, "string": str, "array": list, "object": dict, "boolean": bool, "number": (int, float)}

# A berth, whether it should be accepted, and what to say to whose schema thinks otherwise.
_CASES: tuple[tuple[dict[str, Any], bool, Message], ...] = (
    ({"number": 7, "side": "right", "guests": ["ann", "ben"]}, True, msg("Everything in it is as the task allows.")),
    ({"number": 7}, True, msg("Only the number has to be given.")),
    ({"number": 40, "guests": []}, True, msg("40 is the last number, and there may be nobody.")),
    (
        {"number": 1, "guests": ["ann", "ben", "cem", "dee"]},
        True,
        msg("1 is the first number, and four may sleep there."),
    ),
    ({"side": "left"}, False, msg("The number has to be given: `required` is a list of names, beside `properties`.")),
    ({"number": 0}, False, msg("Numbers begin with 1: `minimum`.")),
    ({"number": 41}, False, msg("Numbers end with 40: `maximum`.")),
    ({"number": "seven"}, False, msg("Which `type` has a whole number?")),
    ({"number": 1.5}, False, msg("A `number` may be a broken one. Which type is whole?")),
    ({"number": 7, "side": "top"}, False, msg("Only certain words are allowed: `enum`.")),
    ({"number": 7, "guests": "ann"}, False, msg("A list has the type `array`.")),
    ({"number": 7, "guests": [1, 2]}, False, msg("What is in the list has a type, too: `items`.")),
    ({"number": 7, "guests": list("abcde")}, False, msg("Five do not fit: `maxItems`.")),
)


def _look(call: Call) -> Seen | Verdict:
    called = call()
    if called.trouble:
        return explain_trouble(called)
    schema = called.value
    if not isinstance(schema, dict):
        return failed(msg("the function did not return a dict."), msg("returned: {value}", value=called.shown))
    if (wrong := _misformed(schema, "")) is not None:
        return wrong
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        hint = msg("It says `type`: `object`, and under `properties` what each field is like.")
        return failed(msg("that is not the schema of an object with fields."), hint=hint)
    for berth, good, hint in _CASES:
        fault = _fault(schema, berth)
        if good and fault:
            return failed(msg("it refuses {berth}.", berth=str(berth)), fault, hint=hint)
        if not good and not fault:
            return failed(msg("it accepts {berth}.", berth=str(berth)), hint=hint)
    side = schema["properties"].get("side")
    if not isinstance(side, dict) or side.get("default") != "left":
        return failed(
            msg("where the side is not given, nothing is filled in."), hint=msg("`default` is the word for it.")
        )
    return see(msg("tried on {count} berths: each accepted or refused as it should be", count=len(_CASES)))


def _misformed(schema: object, where: str) -> Verdict | None:
    """What the API server would not take for a schema at all."""
    place = where or "spec"
    if not isinstance(schema, dict):
        hint = msg('Behind each field\'s name stands a dict: `{{"type": …}}`.')
        return failed(msg("`{place}` is no schema.", place=place), hint=hint)
    for word in schema:
        if word in _OTHERS or str(word).startswith("x-kubernetes-"):
            return cannot_tell(msg("this check does not know what `{word}` does.", word=word),
                               hint=msg("It can be written without."))  # fmt: skip
        if word not in _WORDS:
            hint = msg("The words of a schema: `type`, `properties`, `required`, `minimum`, `maximum`, `enum`, …")
            return failed(
                msg("`{place}` has a word that no schema knows: `{word}`.", place=place, word=word), hint=hint
            )
    if "type" not in schema:
        return failed(msg("`{place}` does not say its type.", place=place), hint=msg("Every field has a `type`."))
    if schema["type"] not in _TYPES:
        types = ", ".join(f"`{one}`" for one in _TYPES)
        return failed(msg("`{place}` is of a type that no schema knows: `{word}`.", place=place, word=schema["type"]),
                      hint=msg("The types: {types}.", types=types))  # fmt: skip
    if not isinstance(schema.get("required", []), list):
        hint = msg("It is a list of names, and stands beside `properties`, not in a field.")
        return failed(msg("`required` is no list in `{place}`.", place=place), hint=hint)
    inner = [*dict(schema.get("properties") or {}).items()] + [("[]", one) for one in [schema.get("items")] if one]
    return next((wrong for name, one in inner if (wrong := _misformed(one, f"{where}.{name}".strip("."))) is not None),
                None)  # fmt: skip


def _fault(schema: dict[str, Any], value: Any, where: str = "spec") -> str:
    """The first thing a schema does not like, much in the API server's words; empty where it likes all."""
    wanted = schema["type"]
    if not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        return f"{where}: must be of type {wanted}"
    if schema.get("enum") is not None and value not in schema["enum"]:
        return f"{where}: unsupported value {value!r}"
    if isinstance(value, dict):
        if missing := [name for name in schema.get("required", []) if name not in value]:
            return f"{where}.{missing[0]}: required value"
        fields = schema.get("properties") or {}
        parts = ((fields[name], one, f"{where}.{name}") for name, one in value.items() if name in fields)
        return next((fault for part in parts if (fault := _fault(*part))), "")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return f"{where}: wrong number of items"
        each = schema.get("items")
        return next((fault for one in value if each and (fault := _fault(each, one, f"{where}[]"))), "")
    return _out_of_range(schema, value, where) if isinstance(value, (int, float)) else ""


def _out_of_range(schema: dict[str, Any], value: float, where: str) -> str:
    least, most = schema.get("minimum", value), schema.get("maximum", value)
    if value < least or (value == least and schema.get("exclusiveMinimum")):
        return f"{where}: should be greater than or equal to {least}"
    if value > most or (value == most and schema.get("exclusiveMaximum")):
        return f"{where}: should be less than or equal to {most}"
    return ""


def _berth_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["number"],
        "properties": {
            "number": {"type": "integer", "minimum": 1, "maximum": 40},
            "side": {"type": "string", "enum": ["left", "right"], "default": "left"},
            "guests": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
        },
    }


def _cell(**changes: str) -> str:
    """A learner's cell: the right schema, with some lines written otherwise."""
    lines = {
        "top": '"type": "object", "required": ["number"],',
        "number": '"number": {"type": "integer", "minimum": 1, "maximum": 40},',
        "side": '"side": {"type": "string", "enum": ["left", "right"], "default": "left"},',
        "guests": '"guests": {"type": "array", "maxItems": 4, "items": {"type": "string"}},',
    } | changes
    return (
        f'@t.place("kinds-2")\ndef berth_schema():\n    return {{\n        {lines["top"]}\n        "properties": {{\n'
        f"            {lines['number']}\n            {lines['side']}\n            {lines['guests']}\n        }},\n    }}"
    )


EXERCISE = Exercise(
    id="kinds-2",
    title=msg("A schema of your own"),
    task=msg(
        "`berth_schema()` returns the schema of a berth's spec, as a dict. A berth has a `number`, a whole number from 1 "
        "to 40, which has to be given; a `side`, `left` or `right`, and `left` where nothing is said; and `guests`, a "
        "list of at most four names."
    ),
    checks=(try_function("kinds-2", _look),),
    solved=msg("your schema tells good berths from bad ones."),
    hints=(
        msg('It begins with `{{"type": "object", "required": […], "properties": {{…}}}}`, like the ferry\'s.'),
        msg("`number`: `integer`, with `minimum` and `maximum`. `side`: `string`, with `enum` and `default`."),
        msg("`guests`: `array`, with `maxItems`, and `items`, which is a schema again."),
    ),
    solution=_cell(),
    alternative="""@t.place("kinds-2")
def berth_schema():
    name = dict(type="string")
    fields = dict(number=dict(type="integer", minimum=0, exclusiveMinimum=True, maximum=40),
                  side=dict(type="string", default="left", enum=["right", "left"]),
                  guests=dict(type="array", items=name, minItems=0, maxItems=4))
    return dict(type="object", properties=fields, required=["number"], description="Where somebody sleeps.")""",
    mistakes=(
        Mistake(name="nothing is required", cell=_cell(top='"type": "object",'), says="The number has to be given"),
        Mistake(
            name="required in the field",
            cell=_cell(number='"number": {"type": "integer", "required": True, "minimum": 1, "maximum": 40},'),
            says="stands beside `properties`",
        ),
        Mistake(
            name="min and max",
            cell=_cell(number='"number": {"type": "integer", "min": 1, "max": 40},'),
            says="no schema knows: `min`",
        ),
        Mistake(
            name="Python's types",
            cell=_cell(number='"number": {"type": "int", "minimum": 1, "maximum": 40},'),
            says="no schema knows: `int`",
        ),
        Mistake(
            name="broken numbers",
            cell=_cell(number='"number": {"type": "number", "minimum": 1, "maximum": 40},'),
            says="Which type is whole?",
        ),
        Mistake(
            name="no default",
            cell=_cell(side='"side": {"type": "string", "enum": ["left", "right"]},'),
            says="nothing is filled in",
        ),
        Mistake(
            name="any number of guests",
            cell=_cell(guests='"guests": {"type": "array", "items": {"type": "string"}},'),
            says="Five do not fit",
        ),
    ),
    function=_berth_schema,
)
