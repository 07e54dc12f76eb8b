"""Makes, mends, extends, empties and removes the learners' places of a workshop on a cluster.

Everything is applied, so that a workshop half made is made whole by the same call. Only what carries the workshop's
label is ever changed; a namespace of a wanted name that lacks it is named before anything is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock, from_rfc3339
from k8s_tutor.cluster.progress import ProgressReport, reported
from k8s_tutor.course.catalog import list_lessons
from k8s_tutor.course.progress import RECORD, WORKSHOP
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.belongings import LESSON, MANAGED_BY, OURS, Owner
from k8s_tutor.session.borrowed_namespace import BorrowedNamespace
from k8s_tutor.session.definitions import Definitions
from k8s_tutor.session.learner import may
from k8s_tutor.session.lesson_namespace import LessonNamespace
from k8s_tutor.workshop.seats import ACCOUNT, SEAT, UNTIL, Seat, Token, seat_of, shared_objects

__all__ = ["Classroom", "read_definitions"]

_CRDS = "customresourcedefinitions"
_RBAC, _EXTENSIONS = "rbac.authorization.k8s.io", "apiextensions.k8s.io"
_MUST = (
    ("create", "namespaces", ""),
    ("patch", "namespaces", ""),
    ("delete", "namespaces", ""),
    ("create", "resourcequotas", ""),
    ("create", "limitranges", ""),
    ("create", "serviceaccounts", ""),
    ("create", "serviceaccounts/token", ""),
    ("create", "roles", _RBAC),
    ("create", "rolebindings", _RBAC),
    ("create", "leases", "coordination.k8s.io"),
)
_SHARED = (("create", _CRDS, _EXTENSIONS), ("create", "clusterroles", _RBAC), ("create", "clusterrolebindings", _RBAC))
_LEAST = 600  # seconds: no API server gives a token for less
_LEASE = "k8s-tutor"  # whose turn it is in the namespace; see borrowed_namespace.py


class _AnyLesson(Owner):
    """Whoever's, and whichever lesson's: all that lessons have made here, and nothing that the workshop has."""

    def owns(self, obj: Obj) -> bool:
        labels = metadata.labels(obj)
        return labels.get(MANAGED_BY) == OURS and WORKSHOP not in labels


class _Place(LessonNamespace):
    """A learner's namespace, on its way out: many end at once."""

    def end(self) -> None:
        """Has it deleted, with what would hold it."""
        with suppress(StatusError):
            self._delete_all(self.client.kind("pods"))
        for kind in self.client.custom_kinds:
            if kind.namespaced:
                self._release(kind)
        try:
            self.client.delete("namespaces", self.name)
        except StatusError as error:
            if error.code != 404:
                raise

    def wait(self) -> None:
        """Waits until it is gone."""
        self._wait_gone(self.client.kind("namespaces"), self.name)


@dataclass(frozen=True)
class Classroom:
    """One workshop on one cluster.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        workshop: The workshop's name.
        report: Told about the steps.
    """

    client: Client
    clock: Clock
    workshop: str
    report: ProgressReport

    # ---- looking

    def seats(self) -> list[Seat]:
        """All places there are, by name."""
        found = self.client.list("namespaces", labels=self._selector)
        return sorted((seat_of(one) for one in found if not metadata.is_deleting(one)), key=lambda seat: seat.name)

    def find(self, name: str) -> Seat:
        """The place of a learner, by their name or its label.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        seats = self.required()
        for seat in seats:
            if name in (seat.name, seat.label, seat.namespace):
                return seat
        known = [seat.name for seat in seats]
        near = nearest(name, known)
        raise UsageError(
            msg("Nobody in workshop {workshop} is called {name}.", workshop=self.workshop, name=name),
            why=msg("There are {names}.", names=", ".join(known)),
            next_step=msg("Did you mean {near}?", near=near) if near else "",
        )

    def required(self) -> list[Seat]:
        """All places.

        Raises:
            UsageError: there are none.
        """
        if seats := self.seats():
            return seats
        others = sorted({seat_of(one).workshop for one in self.client.list("namespaces", labels=WORKSHOP)})
        raise UsageError(
            msg("There is no workshop {workshop} on this cluster.", workshop=self.workshop),
            why=msg("There are {names}.", names=", ".join(others)) if others else "",
            next_step=msg("Say which: --name {name}", name=others[0])
            if others
            else msg("Make one: {command}", command="k8s-tutor workshop create --context NAME --learners 20"),
        )

    def missing_rights(self, wanted: Iterable[tuple[str, str, str]] = _MUST) -> list[str]:
        """Which of the rights that it takes are not ours: the API server is asked."""
        return [
            f"{verb} {resource}{f'.{group}' if group else ''}"
            for verb, resource, group in wanted
            if not may(self.client, verb, resource, group=group)
        ]

    # ---- making

    def create(self, seats: Sequence[Seat], definitions: Sequence[Obj]) -> list[Wording]:
        """Makes all places, or what is missing of them; those that are there already stay. Safe to run again.

        Returns:
            What could not be prepared for all, a sentence each.

        Raises:
            UsageError: rights are missing, or a namespace of a wanted name is somebody's.
        """
        self._must_be_allowed()
        self._must_be_free(seats)
        notes: list[Wording] = []
        groups = sorted({str(one["spec"]["group"]) for one in definitions})
        title = msg("Workshop {workshop}", workshop=self.workshop)
        with reported(self.report, title, len(seats) + 1), _escalation():
            self.report.step(msg("what all share"))
            names = self._define(definitions, notes)
            for seat in seats:
                self.report.step(seat.name)
                self._furnish(seat, groups)
            for obj in shared_objects(self.workshop, self.seats(), names):
                self.client.apply(obj)
        return notes

    def bring_load_balancers(self, addresses: str) -> Wording:
        """Installs MetalLB for all, with these addresses; one that is there already stays as it is.

        Raises:
            UsageError: that is no range of addresses.
            ClusterUnavailable: it does not come to work; says why.
        """
        from k8s_tutor.cluster.metallb import Installation  # noqa: PLC0415  # rarely asked for
        from k8s_tutor.cluster.metallb_manifest import NAMESPACE, AddressRange  # noqa: PLC0415

        try:
            first, last = (IPv4Address(part.strip()) for part in addresses.split("-"))
        except (AddressValueError, ValueError):
            raise UsageError(
                msg("{addresses!r} is no range of addresses.", addresses=addresses),
                why=msg("MetalLB gives away addresses of the nodes' own network that nobody else has."),
                next_step=msg("For example --load-balancers {addresses}", addresses="172.18.255.200-172.18.255.240"),
            ) from None
        installation = Installation(self.client, self.report.step)
        if installation.present():
            return msg("There is a MetalLB on this cluster already: it stays as it is.")
        with reported(self.report, msg("Load balancers"), 5):
            installation.bring(AddressRange(first, last))
            note = {"metadata": {"annotations": {WORKSHOP: self.workshop}}}
            self.client.patch("namespaces", NAMESPACE, note)
        return msg("Services of type LoadBalancer get addresses of {addresses}, from MetalLB.", addresses=addresses)

    def issue(self, seat: Seat, hours: float) -> Token:
        """A token of the learner's; how long it lives is asked for by us and decided by the API server.

        Raises:
            UsageError: no such time.
        """
        if not 0 < hours <= 24 * 366:
            raise UsageError(
                msg("A token cannot live for {hours} hours.", hours=hours),
                next_step=msg("Say how long the workshop takes: --hours 10"),
            )
        spec = {"expirationSeconds": max(_LEAST, round(hours * 3600))}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        path = f"/api/v1/namespaces/{seat.namespace}/serviceaccounts/{ACCOUNT}/token"
        answer = self.client.raw("POST", path, body).body
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict):
            raise ClusterUnavailable(msg("the cluster gave no token for {name}", name=seat.name))
        end = str(status["expirationTimestamp"])
        self.client.patch("namespaces", seat.namespace, {"metadata": {"annotations": {UNTIL: end}}})
        return Token(str(status["token"]), from_rfc3339(end))

    def _furnish(self, seat: Seat, groups: Sequence[str]) -> None:
        found = self.client.find("namespaces", seat.namespace)
        if found is not None and metadata.is_deleting(found):
            self._place(seat).wait()
        self.client.apply(seat.home())
        for obj in seat.furniture(groups):
            self.client.apply(obj)

    def _define(self, definitions: Sequence[Obj], notes: list[Wording]) -> list[str]:
        """Installs the lessons' definitions for all; returns the names of those that learners may look at."""
        if not definitions:
            return []
        if missing := self.missing_rights(_SHARED):
            notes.append(
                msg(
                    "The kinds of the lessons that define some are not prepared, as you may not {rights}: those "
                    "lessons will say what they cannot do.",
                    rights=", ".join(missing),
                )
            )
            return []
        for obj in definitions:
            name = metadata.name(obj)
            found = self.client.find(_CRDS, name)
            if found is not None and metadata.labels(found).get(MANAGED_BY) != OURS:
                notes.append(msg("{name} is on this cluster already, not from us: it stays as it is.", name=name))
                continue
            labels = {**metadata.labels(obj), MANAGED_BY: OURS, WORKSHOP: self.workshop}
            self.client.apply({**obj, "metadata": {**obj["metadata"], "labels": labels}})
        self.client.refresh_kinds()
        return [metadata.name(obj) for obj in definitions]

    # ---- emptying, removing

    def reset(self, seat: Seat) -> int:
        """Removes what lessons have made in a learner's namespace, and their record; returns how many objects went."""
        self.client.refresh_kinds()
        none = Definitions(self.client, self.clock, (), "", seat.namespace)
        inside = BorrowedNamespace(self.client, self.clock, seat.namespace, _AnyLesson("", ""), none)
        gone = inside.clear()
        with suppress(StatusError):
            self.client.delete("leases", _LEASE, seat.namespace)
        record = self.client.find("leases", RECORD, seat.namespace)
        kept = seat.furniture(())[-1]["metadata"]["annotations"]
        notes = [note for note in metadata.annotations(record or {}) if note not in kept]
        if notes:
            body: Obj = {"metadata": {"annotations": dict.fromkeys(notes)}, "spec": {"renewTime": None}}
            self.client.patch("leases", RECORD, body, seat.namespace)
        return gone

    def remove(self) -> list[Wording]:
        """Removes all of it from the cluster; what is not there any more is passed over. Safe to run again.

        Returns:
            What stays, and why, a sentence each.
        """
        namespaces = self.client.list("namespaces", labels=self._selector)
        self.client.refresh_kinds()
        places = [self._place(seat_of(one)) for one in namespaces]
        with reported(self.report, msg("Removing workshop {workshop}", workshop=self.workshop), len(places) + 1):
            for place in places:
                place.end()
            for place in places:
                self.report.step(place.name)
                place.wait()
            self.report.step(msg("what all share"))
            for kind in ("clusterrolebindings", "clusterroles"):
                for obj in self.client.list(kind, labels=self._selector):
                    self.client.delete(kind, metadata.name(obj))
            notes = list(self._undefine())
            self._take_load_balancers_away()
            return notes

    def _take_load_balancers_away(self) -> None:
        from k8s_tutor.cluster.metallb import Installation  # noqa: PLC0415  # rarely asked for
        from k8s_tutor.cluster.metallb_manifest import NAMESPACE  # noqa: PLC0415

        found = self.client.find("namespaces", NAMESPACE)
        if found is not None and metadata.annotations(found).get(WORKSHOP) == self.workshop:
            Installation(self.client, self.report.step).remove()

    def _undefine(self) -> Iterator[Wording]:
        """Other workshops, and lessons that go on, keep the definitions that they use."""
        others = [one for one in self.client.list("namespaces", labels=WORKSHOP) if not metadata.is_deleting(one)]
        if others:
            return
        with suppress(StatusError):
            going_on = {metadata.labels(one).get(LESSON) for one in self.client.list("namespaces", labels=LESSON)}
            busy = {name for lesson in list_lessons() if lesson.name in going_on for name in lesson.definitions}
            for obj in self.client.list(_CRDS, labels=f"{MANAGED_BY}={OURS},{WORKSHOP}"):
                name = metadata.name(obj)
                if name in busy or self._has_objects(name):
                    self.client.patch(_CRDS, name, {"metadata": {"labels": {WORKSHOP: None}}})
                    yield msg("{name} stays: there are objects of it, or lessons that use it.", name=name)
                else:
                    self.client.delete(_CRDS, name)

    def _has_objects(self, name: str) -> bool:
        kind = self.client.kinds.find(name)
        return kind is not None and bool(self.client.list(kind))

    # ---- inside

    @property
    def _selector(self) -> str:
        return f"{MANAGED_BY}={OURS},{WORKSHOP}={self.workshop}"

    def _place(self, seat: Seat) -> _Place:
        none = Definitions(self.client, self.clock, (), "", seat.namespace)
        return _Place(self.client, self.clock, seat.namespace, Owner("", ""), none)

    def _must_be_allowed(self) -> None:
        if missing := self.missing_rights():
            raise UsageError(
                msg("You have not the rights that a workshop takes on this cluster."),
                why=msg("The API server says that you may not: {rights}.", rights=", ".join(missing)),
                next_step=msg(
                    "Ask whoever runs the cluster for these, or take one of your own: {command}",
                    command="k8s-tutor up",
                ),
            )

    def _must_be_free(self, seats: Sequence[Seat]) -> None:
        there = {metadata.name(one): one for one in self.client.list("namespaces")}
        for seat in seats:
            found = there.get(seat.namespace)
            labels = metadata.labels(found) if found is not None else seat.labels
            if any(labels.get(key) != seat.labels[key] for key in (MANAGED_BY, WORKSHOP, SEAT)):
                raise UsageError(
                    msg("There is a namespace {name} on this cluster that is not ours.", name=seat.namespace),
                    why=msg("It lacks the label {label}; nothing was changed.", label=f"{WORKSHOP}={self.workshop}"),
                    next_step=msg("Give the workshop another name: --name {name}", name=f"{self.workshop}-2"),
                )


@contextmanager
def _escalation() -> Iterator[None]:
    """Kubernetes lets nobody give away rights that they have not: that no is worded for whoever meets it."""
    try:
        yield
    except StatusError as error:
        if error.code != 403:
            raise
        raise UsageError(
            msg("The cluster does not let you make this workshop."),
            why=error.what,
            next_step=msg(
                "You can give others only rights that you have yourself: it takes those of `admin` in all namespaces. "
                "What is made already stays; the same command goes on from here, {command} takes it away.",
                command="k8s-tutor workshop remove",
            ),
        ) from error


def read_definitions() -> list[Obj]:
    """The definitions of all lessons that make some, from the file `definitions.yaml` beside each lesson."""
    import yaml  # noqa: PLC0415  # slow to import, and not needed for --help

    files = [lesson.folder / "definitions.yaml" for lesson in list_lessons() if lesson.definitions]
    texts = [path.read_text(encoding="utf-8") for path in files if path.exists()]
    return [obj for text in texts for obj in yaml.safe_load_all(text) if obj]
