"""A learner's place in a workshop: its names, and all objects that it is made of.

Law: pure. What stands here is applied as it is, so that a workshop half made is made whole by the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.course.progress import RECORD, WORKSHOP
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.belongings import MANAGED_BY, OURS
from k8s_tutor.session.learner import dns_label

__all__ = ["ACCOUNT", "SEAT", "UNTIL", "Seat", "Token", "make_names", "seat_of", "shared_objects"]

SEAT = "k8s-tutor.dev/seat"
"""Label: whose place it is. Not a lesson's label for the learner: what carries that is emptied with each lesson."""
NAME = "k8s-tutor.dev/name"
"""Annotation: the learner as people write them."""
UNTIL = "k8s-tutor.dev/until"
"""Annotation of the namespace: when the token ends that was given out last."""
ACCOUNT = "learner"

_RBAC = "rbac.authorization.k8s.io"
_LONGEST = 32  # of a workshop's name, and of a learner's: together with what is between they are a namespace's name
# The quota counts objects and no CPU or memory: lessons need a Pod that asks for more than any node has, and a Pod that
# no quota lets in is refused where it should be waiting.
_QUOTA = {
    "pods": "60",
    "services": "30",
    "services.loadbalancers": "5",
    "persistentvolumeclaims": "15",
    "requests.storage": "20Gi",
    "configmaps": "60",
    "secrets": "40",
    "count/deployments.apps": "30",
    "count/statefulsets.apps": "15",
    "count/jobs.batch": "40",
}
# No default limits and no maximum, for the same reason: a container that asks for more than its limit is refused.
_REQUEST = {"cpu": "10m", "memory": "16Mi"}


@dataclass(frozen=True)
class Seat:
    """A learner's place.

    Attributes:
        workshop: The workshop's name.
        name: The learner as people write them.
        label: The same as part of names on the cluster.
        until: When their token ends, in the API's format; empty where none was given yet.
    """

    workshop: str
    name: str
    label: str
    until: str = ""

    @property
    def namespace(self) -> str:
        """Theirs: `workshop-anna`. Its name is also that of their kubeconfig's context."""
        return dns_label(f"{self.workshop}-{self.label}")

    @property
    def labels(self) -> dict[str, str]:
        """What everything carries that their place is made of."""
        return {MANAGED_BY: OURS, WORKSHOP: self.workshop, SEAT: self.label}

    def home(self) -> Obj:
        """The namespace. `baseline` keeps Pods off the machine below them: no host paths, nothing privileged."""
        labels = {**self.labels, "pod-security.kubernetes.io/enforce": "baseline"}
        about = {"name": self.namespace, "labels": labels, "annotations": {NAME: self.name}}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": about}

    def furniture(self, groups: Sequence[str]) -> list[Obj]:
        """All that stands in it, in the order in which it is made.

        Args:
            groups: API groups of the kinds that lessons define: in this namespace their objects are the learner's.
        """
        limits = [{"type": "Container", "defaultRequest": _REQUEST}]
        rules = [{"apiGroups": [group], "resources": ["*"], "verbs": ["*"]} for group in groups]
        return [
            self._object("v1", "ResourceQuota", "workshop", spec={"hard": _QUOTA}),
            self._object("v1", "LimitRange", "workshop", spec={"limits": limits}),
            self._object("v1", "ServiceAccount", ACCOUNT),
            self._binding("learner-admin", "ClusterRole", "admin"),
            *(
                (
                    self._object(f"{_RBAC}/v1", "Role", "learner-kinds", rules=rules),
                    self._binding("learner-kinds", "Role", "learner-kinds"),
                )
                if rules
                else ()
            ),
            self._object("coordination.k8s.io/v1", "Lease", RECORD, spec={"holderIdentity": self.name}),
        ]

    def _binding(self, name: str, kind: str, role: str) -> Obj:
        whom = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": self.namespace}
        reference = {"apiGroup": _RBAC, "kind": kind, "name": role}
        return self._object(f"{_RBAC}/v1", "RoleBinding", name, roleRef=reference, subjects=[whom])

    def _object(self, version: str, kind: str, name: str, **more: object) -> Obj:
        about = {"name": name, "namespace": self.namespace, "labels": self.labels}
        if kind == "Lease":
            about["annotations"] = {NAME: self.name}
        return {"apiVersion": version, "kind": kind, "metadata": about, **more}


@dataclass(frozen=True)
class Token:
    """What a learner proves with who they are.

    Attributes:
        text: The token.
        until: When it ends, as the API server has decided, seconds since the epoch.
    """

    text: str
    until: float


def seat_of(namespace: Obj) -> Seat:
    """The place that a namespace is."""
    labels, notes = metadata.labels(namespace), metadata.annotations(namespace)
    label = labels.get(SEAT, "")
    return Seat(labels.get(WORKSHOP, ""), notes.get(NAME, label), label, notes.get(UNTIL, ""))


def shared_objects(workshop: str, seats: Iterable[Seat], definitions: Sequence[str]) -> list[Obj]:
    """What belongs to no namespace: learners may look at the lessons' definitions, by name, and at no others.

    Args:
        workshop: Its name.
        seats: All its places.
        definitions: The names of CustomResourceDefinitions.
    """
    if not definitions:
        return []
    about = {"name": f"k8s-tutor-{workshop}", "labels": {MANAGED_BY: OURS, WORKSHOP: workshop}}
    rule = {
        "apiGroups": ["apiextensions.k8s.io"],
        "resources": ["customresourcedefinitions"],
        "resourceNames": list(definitions),
        "verbs": ["get", "list", "watch"],
    }
    whom = [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": seat.namespace} for seat in seats]
    reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": about["name"]}
    return [
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": about, "rules": [rule]},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": about,
            "roleRef": reference,
            "subjects": whom,
        },
    ]


def make_names(workshop: str, names: Sequence[str], count: int) -> list[Seat]:
    """The places of a workshop: of named learners, and of as many others as there shall be.

    Args:
        workshop: Its name, part of names on the cluster.
        names: Learners as people write them; empty lines are passed over.
        count: How many in all; those without a name are `learner-01`, `learner-02` …

    Raises:
        UsageError: a name is none, stands there twice, or the workshop's cannot be.
    """
    if dns_label(workshop, _LONGEST - 1) != workshop or not workshop[:1].isalpha():
        raise UsageError(
            msg("{workshop!r} cannot be a workshop's name.", workshop=workshop),
            why=msg("It becomes part of names on the cluster: lower-case letters, digits and single hyphens, short."),
            next_step=msg("For example --name {name}", name="autumn"),
        )
    given = [name.strip() for name in names if name.strip()]
    made = [f"learner-{number:02}" for number in range(len(given) + 1, count + 1)]
    seats = [Seat(workshop, name, _label_of(name)) for name in (*given, *made)]
    labels = [seat.label for seat in seats]
    if twice := next((seat.name for seat in seats if labels.count(seat.label) > 1), ""):
        raise UsageError(
            msg("{name} is there twice.", name=twice),
            why=msg("Each learner has a namespace of their own, by their name."),
            next_step=msg("Tell them apart in the list, for example by the first letter of their second name."),
        )
    if not seats:
        raise UsageError(
            msg("A workshop without learners is none."),
            next_step=msg("Say how many come, --learners 20, or who, --names FILE (a line each)."),
        )
    return seats


def _label_of(name: str) -> str:
    if not any(sign.isalnum() for sign in name):
        raise UsageError(
            msg("{name!r:.60} is no name of a learner.", name=name),
            why=msg("It becomes part of names on the cluster: it needs a letter or a digit."),
        )
    return dns_label(name, _LONGEST - 1)
