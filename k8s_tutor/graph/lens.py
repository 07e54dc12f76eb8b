"""Ways to look at the same objects: which relations are followed, which kinds get a card of their own."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.errors import UsageError

__all__ = ["LENSES", "Lens", "lens_of"]


@dataclass(frozen=True, slots=True)
class Lens:
    """One row of the table of lenses.

    Attributes:
        id: What people write: `lens="traffic"`.
        relations: Ids of the relations that are drawn.
        around_focus: Ids of relations that are drawn for the focused object only.
        kinds: Kinds that get a card even when nothing is tied to them; None means every kind but those of `QUIET`.
        hidden: Kinds that never get a card.
        fold: Whether many healthy pods of one owner become one card.
    """

    id: str
    relations: tuple[str, ...]
    around_focus: tuple[str, ...] = ()
    kinds: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset({"Event", "EndpointSlice", "Endpoints"})
    fold: bool = True

    def shows(self, kind: str) -> bool:
        """Whether objects of a kind are shown for their own sake in the picture of a namespace."""
        if kind in self.hidden:
            return False
        return kind not in QUIET if self.kinds is None else kind in self.kinds


QUIET = frozenset({"EndpointSlice", "Node", "ConfigMap", "Secret", "PersistentVolumeClaim"})
"""Kinds that are shown only where something on show is tied to them."""

LENSES: tuple[Lens, ...] = (
    Lens("default", ("owner", "load-balancer", "ingress", "endpoint", "no-endpoint", "volume"), ("node", "reference")),
    Lens(
        "traffic",
        ("load-balancer", "node-port", "ingress", "endpoint", "no-endpoint"),
        kinds=frozenset({"Service", "Ingress"}),
    ),
    Lens(
        "endpoints",
        ("load-balancer", "ingress", "slice", "slice-endpoint", "no-endpoint"),
        kinds=frozenset({"Service", "Ingress", "EndpointSlice"}),
        hidden=frozenset({"Event", "Endpoints"}),
        fold=False,
    ),
    Lens("ownership", ("owner",), hidden=frozenset({"Event", "Endpoints"})),
    Lens("anatomy", (), ("node",)),
    Lens("placement", ("node",), kinds=frozenset({"Pod", "Node"}), fold=False),
)


def lens_of(word: str) -> Lens:
    """The lens of that id.

    Raises:
        UsageError: there is none.
    """
    for lens in LENSES:
        if lens.id == word:
            return lens
    raise UsageError(
        f'there is no lens "{word}"', next_step="lens= takes one of: " + ", ".join(lens.id for lens in LENSES)
    )
