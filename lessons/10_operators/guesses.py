"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, Obj, State, Truth, msg

__all__ = ["GUESSES"]


def _members(state: State) -> list[str]:
    """The Pods of the database, by name."""
    return sorted(pod["metadata"]["name"] for pod in state.list("pods", "etcd=db"))


def _says(db: Obj | None) -> str:
    """What the operator has reported last."""
    return str(((db or {}).get("status") or {}).get("doing", ""))


def _first_run(_before: State, now: State) -> Truth | None:
    there = _members(now)
    return Truth(len(there), msg("Pods here: {names}", names=", ".join(there))) if there else None


def _without_majority(before: State, now: State) -> Truth | None:
    doing, there = _says(now.find("etcdcluster/db")), _members(now)
    if doing == _says(before.find("etcdcluster/db")) or not there:
        return None
    fact = msg("Pods here: {names}; the report says “{doing}”", names=", ".join(there), doing=doing)
    return Truth("nothing" if len(there) == 1 else "heals", fact)


def _without_a_right(_before: State, now: State) -> Truth | None:
    if now.find("rolebinding/operator") is None:
        return None
    there = _members(now)
    fact = msg("Pods here: {names}", names=", ".join(there))
    return Truth("back" if "db-1" in there else "refused", fact)


def _ownerless(before: State, now: State) -> Truth | None:
    if now.find("etcdcluster/db") is not None or not _members(before):
        return None
    there = _members(now)
    return Truth(
        "stay" if there else "go", msg("Pods: {before} before, {now} now", before=len(_members(before)), now=len(there))
    )


GUESSES = (
    Guess("operators-a", msg("How many Pods will there be after the first run?"), _first_run, looks_at=("pods",)),
    Guess(
        "operators-b",
        msg("Two of three members are lost at once, and the operator goes round. What does it manage?"),
        _without_majority,
        {
            "heals": msg("it takes both off the list and starts two new ones"),
            "nothing": msg("nothing: etcd refuses"),
        },
        ("pods", "etcdclusters.tutor.example"),
    ),
    Guess(
        "operators-c",
        msg("`db-1` is lost, and the operator may do all but report. What becomes of `db-1`?"),
        _without_a_right,
        {"back": msg("it comes back, only the report is missing"), "refused": msg("it does not come back")},
        ("pods", "rolebindings"),
    ),
    Guess(
        "operators-d",
        msg("The operator sleeps, and you delete the `EtcdCluster`. What becomes of its Pods?"),
        _ownerless,
        {"stay": msg("they stay, nobody looks after them now"), "go": msg("they go with it")},
        ("pods", "etcdclusters.tutor.example"),
    ),
)
"""In the order of the lesson."""
