"""Which versions of a definition nobody needs any more."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Message,
    Mistake,
    Obj,
    Seen,
    Verdict,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]


def _definition(stored: list[str], **versions: str) -> Obj:
    """A definition in short: of each version whether it is `served`, `stored`, both or none of them."""
    rows = [{"name": name, "served": "served" in how, "storage": "stored" in how} for name, how in versions.items()]
    return {"kind": "CustomResourceDefinition", "spec": {"versions": rows}, "status": {"storedVersions": stored}}


# What it is, the definition, what may go, and what to say to who thinks otherwise.
_CASES: tuple[tuple[Message, Obj, list[str], Message], ...] = (
    (
        msg("a definition with one version"),
        _definition(["v1"], v1="served stored"),
        [],
        msg("Without it there would be nothing left."),
    ),
    (
        msg("a definition whose v1 is still served"),
        _definition(["v2"], v1="served", v2="served stored"),
        [],
        msg("Programs that ask for it would get 404. It has to be served no more first."),
    ),
    (
        msg("a definition whose v1 is neither served nor among the stored"),
        _definition(["v2"], v1="", v2="served stored"),
        ["v1"],
        msg("Nobody can ask for it, and no object is kept in it."),
    ),
    (
        msg("a definition whose v1 is not served, and among the stored"),
        _definition(["v1", "v2"], v1="", v2="served stored"),
        [],
        msg("Objects that were written back then may still lie there as v1. Who could read them?"),
    ),
    (
        msg("a definition that stores in a version which it does not serve"),
        _definition(["v2"], v1="served", v2="stored"),
        [],
        msg("It is not served, but everything is stored in it."),
    ),
    (
        msg("a definition with two versions too many"),
        _definition(["v2"], v1alpha1="", v1beta1="", v2="served stored"),
        ["v1alpha1", "v1beta1"],
        msg("All that may go belong in the list."),
    ),
)


def _look(call: Call) -> Seen | Verdict:
    for what, definition, expected, hint in _CASES:
        called = call(definition)
        if called.trouble:
            return explain_trouble(called, msg("over {situation}", situation=what))
        if not isinstance(called.value, (list, tuple, set)):
            return failed(msg("the function did not return a list of names."), msg("returned: {value}", value=called.shown),
                          hint=msg("A list stands in square brackets, even one with a single name or none."))  # fmt: skip
        if not all(isinstance(one, str) for one in called.value):
            return failed(msg("the list holds something else than names."), msg("returned: {value}", value=called.shown),
                          hint=msg("A version's name is in its `name`."))  # fmt: skip
        if sorted(called.value) != sorted(expected):
            rows = [f"{one['name']} (served: {one['served']}, storage: {one['storage']})".lower()
                    for one in definition["spec"]["versions"]]  # fmt: skip
            facts = (
                msg("versions: {versions}", versions=", ".join(rows)),
                msg("storedVersions: {versions}", versions=", ".join(definition["status"]["storedVersions"])),
                msg("returned: {value}", value=called.shown),
            )
            return failed(msg("wrong for {situation}.", situation=what), *facts, hint=hint)
    return see(msg("tried on {count} definitions: each time the right names", count=len(_CASES)))


def _removable(definition: Obj) -> list[str]:
    stored = definition["status"]["storedVersions"]
    rows = definition["spec"]["versions"]
    return [one["name"] for one in rows if not one["served"] and not one["storage"] and one["name"] not in stored]


EXERCISE = Exercise(
    id="kinds-6",
    title=msg("What may go"),
    task=msg(
        "`removable(definition)` is given a CustomResourceDefinition as a dict. It returns a list: the names of the "
        "versions that can be taken out of it without harm. Those are served no more, are not the storage version, and "
        "are not among `status.storedVersions`."
    ),
    checks=(try_function("kinds-6", _look, _CASES[0][1]),),
    solved=msg("you take out only what nobody needs."),
    hints=(
        msg('The versions are in `definition["spec"]["versions"]`: each has a `name`, `served` and `storage`.'),
        msg('What objects were ever stored in is in `definition["status"]["storedVersions"]`, a list of names.'),
        msg("Three conditions, joined by `and`: not served, not storage, and the name not in that list."),
    ),
    solution='''@t.place("kinds-6")
def removable(definition):
    """③ Versions that may go."""
    stored = definition["status"]["storedVersions"]
    return [one["name"] for one in definition["spec"]["versions"]
            if not one["served"] and not one["storage"] and one["name"] not in stored]''',
    alternative="""@t.place("kinds-6")
def removable(definition):
    names = {one["name"] for one in definition["spec"]["versions"]}
    needed = {one["name"] for one in definition["spec"]["versions"] if one["served"] or one["storage"]}
    return sorted(names - needed - set(definition["status"]["storedVersions"]))""",
    mistakes=(
        Mistake(
            name="what is not the storage version",
            cell='@t.place("kinds-6")\ndef removable(definition):\n'
            '    return [one["name"] for one in definition["spec"]["versions"] if not one["storage"]]',
            says="would get 404",
        ),
        Mistake(
            name="what is not served",
            cell='@t.place("kinds-6")\ndef removable(definition):\n'
            '    return [one["name"] for one in definition["spec"]["versions"] if not one["served"]]',
            says="may still lie there as v1",
        ),
        Mistake(
            name="whole entries",
            cell='@t.place("kinds-6")\ndef removable(definition):\n'
            '    return [one for one in definition["spec"]["versions"] if not one["served"]]',
            says="something else than names",
        ),
        Mistake(
            name="the first one only",
            cell='@t.place("kinds-6")\ndef removable(definition):\n'
            '    rows, stored = definition["spec"]["versions"], definition["status"]["storedVersions"]\n'
            '    return [one["name"] for one in rows if not one["served"] and not one["storage"] '
            'and one["name"] not in stored][:1]',
            says="All that may go belong in the list",
        ),
        Mistake(
            name="True or False",
            cell='@t.place("kinds-6")\ndef removable(definition):\n    return not definition["spec"]["versions"]',
            says="did not return a list",
        ),
    ),
    function=_removable,
)
