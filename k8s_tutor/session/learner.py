"""Who learns here: said to `connect()`, by the environment, by JupyterHub; else nobody in particular."""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.state import state_dir

__all__ = [
    "HUB",
    "LEARNER",
    "NOBODY",
    "Learner",
    "dns_label",
    "find_offers",
    "introduce",
    "may",
    "who_learns",
    "who_sits_here",
]

LEARNER = "K8S_TUTOR_LEARNER"
"""Who learns: lessons' namespaces and progress are theirs; without it, JupyterHub's user, else nobody in particular."""

HUB = "JUPYTERHUB_USER"
"""Environment variable by which JupyterHub tells a notebook server whose it is."""

_LONGEST = 32  # characters of a learner in a namespace's name, which has 63 for the lesson, too
_HASH = 6
_ID = "installation"


@dataclass(frozen=True)
class Learner:
    """Somebody who learns, or nobody in particular.

    Attributes:
        name: As people write it, `Anna Müller`; empty for nobody in particular.
        label: The same as part of a name on a cluster: `anna-m-ller-0b1c2d`. Two learners never share one.
        why: Where we have it from, half a sentence after "because".
    """

    name: str = ""
    label: str = ""
    why: Wording = ""


NOBODY = Learner()
"""Nobody in particular: on a cluster that is one person's, nobody else needs to be told from them."""


def who_learns(name: str | None = None, environment: Mapping[str, str] = os.environ) -> Learner:
    """Whose session this is: the argument, else `K8S_TUTOR_LEARNER`, else JupyterHub's user, else `NOBODY`.

    Raises:
        UsageError: a name that is no text, or has neither letter nor digit.
    """
    if name is not None:
        return _named(name, msg("you said so"))
    for variable, why in ((LEARNER, msg("{learner} says so", learner=LEARNER)), (HUB, msg("JupyterHub says so"))):
        if environment.get(variable, ""):
            return _named(environment[variable], why)
    return NOBODY


def who_sits_here() -> Learner:
    """Who nobody in particular is on a cluster that others use, too: their login, and a number of this installation.

    The login alone would not do: in containers everybody is `root`.
    """
    try:
        login = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user number without a name, and no variable that tells
        login = "somebody"
    return Learner("", dns_label(f"{login}-{_installation()}", _LONGEST), msg("nobody said who learns"))


def introduce(who: Learner, *, personal: bool) -> Wording:
    """Who the learner is taken to be, in words; empty where it makes no difference.

    Args:
        who: Who was named.
        personal: Whether the cluster is one person's.
    """
    another = msg('another: connect(learner="NAME")')
    if who.label:
        if who.label == who.name:
            return msg("Learner {name}, because {why}; {another}", name=who.name, why=who.why, another=another)
        return msg(
            'Learner {name} ("{label}" in names on the cluster), because {why}; {another}',
            name=who.name, label=who.label, why=who.why, another=another,
        )  # fmt: skip
    if personal:
        return ""
    here = who_sits_here()
    return msg(
        'Learner "{label}" in names on the cluster, as {why} and others may use it too; {another}',
        label=here.label,
        why=here.why,
        another=another,
    )


def dns_label(text: str, longest: int = 63) -> str:
    """A text as part of a name on a cluster (lower-case letters, digits, single hyphens).

    Whatever has to be changed gets a piece of its hash, so that no two texts become one: `Anna` is `anna-0b1c2d`.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if plain == text and len(plain) <= longest:
        return plain
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH]
    return "-".join(part for part in (plain[: longest - _HASH - 1].rstrip("-"), digest) if part)


def _named(name: object, why: Wording) -> Learner:
    if not isinstance(name, str) or not any(sign.isalnum() for sign in name):
        raise UsageError(
            msg("{name!r:.60} is no name of a learner.", name=name),
            why=msg("It becomes part of names on the cluster: it needs a letter or a digit."),
            next_step=msg('For example connect(learner="anna").'),
        )
    return Learner(name.strip(), dns_label(name.strip(), _LONGEST), why)


def _installation() -> str:
    """A number that our own folder keeps: made once, the same for all processes that share the folder."""
    path = state_dir() / _ID
    with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(secrets.token_hex(3))
    return path.read_text(encoding="utf-8").strip() or "0"


# ---- What we may do on a cluster: the API server is asked, nobody guesses


def may(client: Client, verb: str, resource: str, *, group: str = "", namespace: str = "") -> bool:
    """Whether the API server would let us (SelfSubjectAccessReview); where it does not say, one finds out by trying.

    Args:
        client: Talks to the cluster.
        verb: `create`.
        resource: `pods`, in the plural; `serviceaccounts/token`, with a subresource.
        group: The resource's API group.
        namespace: Where; in the whole cluster when empty.
    """
    resource, _, part = resource.partition("/")
    attributes = {"verb": verb, "resource": resource, "subresource": part, "group": group, "namespace": namespace}
    review: Obj = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    with suppress(StatusError):
        return bool(client.create(review)["status"]["allowed"])
    return True


_RBAC, _REVIEWS = "rbac.authorization.k8s.io", "authorization.k8s.io"


def find_offers(client: Client, where: str, *, own: bool) -> frozenset[str]:
    """What an application of the clinic may have, and suffer from: it depends on the cluster and on one's rights.

    Args:
        client: Talks to the cluster.
        where: The namespace.
        own: Whether nobody else is in it.
    """

    def creates(*resources: str, group: str = "") -> bool:
        return all(may(client, "create", one, group=group, namespace=where) for one in resources)

    offers = {
        "autoscaler": creates("horizontalpodautoscalers", group="autoscaling"),
        "quotas": own and creates("resourcequotas", "limitranges"),
        "rights": creates("roles", "rolebindings", group=_RBAC)
        and creates("serviceaccounts")
        and creates("localsubjectaccessreviews", group=_REVIEWS),
        "metrics": any(kind.group == "metrics.k8s.io" for kind in client.refresh_kinds()),
        "tainted": _has_tainted_node(client),
        "volumes": _has_default_class(client),
    }
    return frozenset(name for name, there in offers.items() if there)


def _has_tainted_node(client: Client) -> bool:
    with suppress(StatusError):
        role = "node-role.kubernetes.io/control-plane"
        for node in client.list("nodes", labels=role):
            taints = node["spec"].get("taints") or ()
            if any(taint["key"] == role and taint["effect"] == "NoSchedule" for taint in taints):
                return True
    return False


def _has_default_class(client: Client) -> bool:
    """Whoever may not look is taken to have one: most clusters do."""
    note = "storageclass.kubernetes.io/is-default-class"
    try:
        classes = client.list("storageclasses")
    except StatusError:
        return True
    return any(metadata.annotations(one).get(note) == "true" for one in classes)
