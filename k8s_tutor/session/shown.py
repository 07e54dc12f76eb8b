"""Values as a notebook shows them: text as text, objects as YAML. In Python they stay `str` and `dict`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from k8s_tutor.render.picture import Picture

__all__ = ["Shown", "Text", "show"]

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Printer(Protocol):
    """What IPython hands to `_repr_pretty_`."""

    def text(self, obj: str) -> None: ...


class Text(str):
    """Text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:  # a plain Python prompt shows the same as a notebook
        return self.rstrip("\n")

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        printer.text(self.rstrip("\n"))


class Shown(dict[str, Any]):
    """An object that a notebook shows as YAML, without the bookkeeping of those who wrote it."""

    def yaml(self) -> str:
        """The object as a manifest's text."""
        import yaml  # noqa: PLC0415  slow to import, and only what is shown needs it

        return str(yaml.safe_dump(_without_bookkeeping(self), sort_keys=False, allow_unicode=True, width=110))

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        printer.text(self.yaml().rstrip("\n"))


def show(picture: Picture) -> None:
    """Shows a picture now, in the middle of a cell; in words where there is no notebook."""
    import sys  # noqa: PLC0415

    if "IPython" in sys.modules:
        from IPython.display import display  # noqa: PLC0415

        if sys.modules["IPython"].get_ipython() is not None:
            display(picture)  # type: ignore[no-untyped-call]
            return
    print(picture.twin)


def _without_bookkeeping(obj: Obj) -> Obj:
    meta = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    notes = {key: value for key, value in meta.pop("annotations", {}).items() if key != _LAST_APPLIED}
    if notes:
        meta["annotations"] = notes
    return {**obj, "metadata": meta} if "metadata" in obj else dict(obj)
