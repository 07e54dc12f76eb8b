"""Exponential back-off by key, as client-go's `flowcontrol.Backoff` counts it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Backoff", "words"]


@dataclass(slots=True)
class _Entry:
    delay: float
    updated: float


class Backoff:
    """Delays that double from `first` to `most` seconds and are forgotten after twice `most` without a failure."""

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._entries: dict[str, _Entry] = {}

    def is_waiting(self, key: str, since: float, now: float) -> bool:
        """Whether the key's delay, counted from `since`, has not passed yet."""
        entry = self._entries.get(key)
        if entry is None or self._forgotten(entry, since):
            return False
        return now - since < entry.delay

    def is_waiting_since_update(self, key: str, now: float) -> bool:
        """The same, counted from the last failure noted."""
        entry = self._entries.get(key)
        return entry is not None and not self._forgotten(entry, now) and now - entry.updated < entry.delay

    def delay(self, key: str) -> float:
        """The key's delay in seconds, 0 where it has none."""
        entry = self._entries.get(key)
        return entry.delay if entry else 0.0

    def fail(self, key: str, since: float, now: float) -> None:
        """Notes at `now` a failure of the moment `since`: the delay starts, or doubles."""
        entry = self._entries.get(key)
        if entry is None or self._forgotten(entry, since):
            self._entries[key] = _Entry(self._first, now)
        else:
            entry.delay = min(entry.delay * 2, self._most)
            entry.updated = now

    def forget(self, prefix: str) -> None:
        """Drops every key that begins so."""
        for key in [key for key in self._entries if key.startswith(prefix)]:
            del self._entries[key]

    def _forgotten(self, entry: _Entry, when: float) -> bool:
        return when - entry.updated > 2 * self._most


def words(seconds: float) -> str:
    """A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `412ms`, `1.2s`."""
    if seconds == 0:
        return "0s"
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    shown = f"{rest:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{shown}"
    return f"{minutes}m{shown}" if minutes else shown
