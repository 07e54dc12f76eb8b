"""Schedules of CronJobs: five fields or a `@` word, and when they are next due.

Grammar, words of errors and what happens when clocks are changed are those of the parser that Kubernetes uses
(github.com/robfig/cron, v3, `ParseStandard`). See kubernetes.io/docs/concepts/workloads/controllers/cron-jobs.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["CronError", "IndexesError", "Schedule", "checked", "compact", "expand", "parse", "zone_of"]


class CronError(ValueError):
    """A schedule that cannot be read; the text says why in the words of Kubernetes' parser."""


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field may hold."""

    least: int
    most: int
    names: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Values:
    """What a field holds.

    Attributes:
        chosen: The values at which it matches.
        star: Whether it leaves the choice to others: `*` or `?`, without a step.
    """

    chosen: frozenset[int]
    star: bool


def _numbered(words: str, first: int) -> Mapping[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


_FIELDS = (
    _Field(0, 59, {}),
    _Field(0, 23, {}),
    _Field(1, 31, {}),
    _Field(1, 12, _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    _Field(0, 6, _numbered("sun mon tue wed thu fri sat", 0)),
)
_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)")
_MINUTE, _HOUR = 60, 3600
_LONGEST = (2**63 - 1) / 1e9  # seconds: what Go's durations hold
_DIGITS = 4_000  # Python reads no longer numbers
_YEARS_AHEAD = 5  # what is not due within five years never is: the 30th of February


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due: at moments of the clock, or every so many seconds.

    Attributes:
        zone: Whose clock.
        fields: Minute, hour, day of the month, month, day of the week; empty for `@every`.
        every: Seconds between two times, for `@every`.
    """

    zone: tzinfo
    fields: tuple[_Values, ...] = ()
    every: int = 0

    def next(self, after: float) -> float | None:
        """The first time later than `after` (both seconds since the epoch); None when it is never due."""
        if self.every:
            return float(math.floor(after) + self.every)
        when = (math.floor(after) // _MINUTE + 1) * _MINUTE
        last_year = self._local(when).year + _YEARS_AHEAD
        while (local := self._local(when)).year <= last_year:
            if not self._is_day(local):
                when = self._midnight(local)
            elif local.hour not in self.fields[1].chosen:
                when += (_MINUTE - local.minute) * _MINUTE
            elif local.minute not in self.fields[0].chosen:
                when += _MINUTE
            else:
                return float(when)
        return None

    def _local(self, when: float) -> datetime:
        return datetime.fromtimestamp(when, self.zone)

    def _is_day(self, local: datetime) -> bool:
        days, months, weekdays = self.fields[2:]
        if local.month not in months.chosen:
            return False
        by_date, by_weekday = local.day in days.chosen, local.isoweekday() % 7 in weekdays.chosen
        return (by_date and by_weekday) if days.star or weekdays.star else (by_date or by_weekday)

    def _midnight(self, local: datetime) -> int:
        """The first moment of the next day, which is not midnight where the clocks skip it."""
        tomorrow = local.replace(hour=0, minute=0, second=0, fold=0) + timedelta(days=1)
        start = int(tomorrow.timestamp())
        return start if self._local(start).day == tomorrow.day else start + _HOUR


def zone_of(name: str | None) -> tzinfo:
    """The time zone of that name; UTC, the controller manager's own, for none.

    Raises:
        CronError: nobody knows it here.
    """
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CronError(f"unknown time zone {name}") from None


def parse(text: str, zone: tzinfo = UTC) -> Schedule:
    """Reads a schedule.

    Args:
        text: `*/5 8-18 * * mon-fri`, `@daily`, `@every 90m`.
        zone: Whose clock it means.

    Raises:
        CronError: it cannot be read.
    """
    if text.startswith(("TZ=", "CRON_TZ=")):
        place, _, text = text.partition(" ")
        name = place.partition("=")[2]
        try:
            zone = zone_of(name)
        except CronError as error:
            raise CronError(f"provided bad location {name}: {error}") from None
        text = text.strip()
    if text.startswith("@every "):
        return Schedule(zone, every=_length(text.removeprefix("@every ")))
    if text.startswith("@"):
        if text not in _WORDS:
            raise CronError(f"unrecognized descriptor: {text}")
        text = _WORDS[text]
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise CronError(f"expected exactly {len(_FIELDS)} fields, found {len(parts)}: [{' '.join(parts)}]")
    return Schedule(zone, tuple(_values(part, field) for part, field in zip(parts, _FIELDS, strict=True)))


def _values(text: str, field: _Field) -> _Values:
    ranges = [_range(part, field) for part in text.split(",") if part]
    chosen = frozenset(value for values, _ in ranges for value in values)
    return _Values(chosen, any(star for _, star in ranges))


def _range(text: str, field: _Field) -> tuple[range, bool]:
    """One of a field's ranges: `5`, `1-5`, `*/2`, `10/5`; and whether it is a mere star."""
    bounds, *steps = text.split("/")
    low, *high = bounds.split("-")
    star = low in ("*", "?")
    if star:
        first, last = field.least, field.most
    else:
        first = last = _number_or_name(low, field)
        if len(high) == 1:
            last = _number_or_name(high[0], field)
        elif high:
            raise CronError(f"too many hyphens: {text}")
    step = 1
    if len(steps) == 1:
        step = _number(steps[0])
        last = last if high else field.most
    elif steps:
        raise CronError(f"too many slashes: {text}")
    if first < field.least:
        raise CronError(f"beginning of range ({first}) below minimum ({field.least}): {text}")
    if last > field.most:
        raise CronError(f"end of range ({last}) above maximum ({field.most}): {text}")
    if first > last:
        raise CronError(f"beginning of range ({first}) beyond end of range ({last}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return range(first, last + 1, step), star and step == 1


def _number_or_name(text: str, field: _Field) -> int:
    named = field.names.get(text.lower())
    return _number(text) if named is None else named


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise CronError(f"failed to parse int from {text}: strconv.Atoi: parsing {_quoted(text)}: invalid syntax")
    number = int(text) if len(text) <= _DIGITS else 2**63
    if not -(2**63) <= number < 2**63:
        raise CronError(f"failed to parse int from {text}: strconv.Atoi: parsing {_quoted(text)}: value out of range")
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number


def _length(text: str) -> int:
    """Whole seconds in a length of time as Go writes it, at least one."""

    def refused(why: str) -> CronError:
        return CronError(f"failed to parse duration @every {text}: time: {why} duration {_quoted(text)}")

    number = text.lstrip("+-") if text[:2] not in ("+-", "-+", "++", "--") else text
    if number == "0":
        return 1
    parts = _PART.findall(number)
    if not parts or "".join(map("".join, parts)) != number:
        raise refused("invalid")
    for _, unit in parts:
        if not unit:
            raise refused("missing unit in")
        if unit not in _UNITS:
            raise refused(f"unknown unit {_quoted(unit)} in")
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    if seconds > _LONGEST:
        raise refused("invalid")
    return 1 if text.startswith("-") else max(int(seconds), 1)


def _quoted(text: str) -> str:
    """As Go's %q prints a string."""
    return json.dumps(text, ensure_ascii=False)


# ---- Completion indexes of Jobs as their status and their policies write them: `0,2-4,7`


class IndexesError(ValueError):
    """Indexes that cannot be read; the text says why in Kubernetes' words."""


def compact(indexes: Iterable[int]) -> str:
    """Indexes in as few words as possible.

    >>> compact([4, 0, 2, 3, 6, 7])
    '0,2-4,6,7'
    """
    runs: list[list[int]] = []
    for index in sorted(dict.fromkeys(indexes)):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs]
    return ",".join(words)


def expand(text: str, limit: int) -> list[int]:
    """The indexes below `limit`, in order; what cannot be read is left out, as the Job controller does.

    >>> expand("0,2-4,x,9", 4)
    [0, 2, 3]
    """
    found: list[int] = []
    for word in text.split(",") if text else ():
        first, *last = word.split("-")
        if first.isdecimal() and (not last or last[0].isdecimal()):
            found += range(int(first), min(int(last[0] if last else first), limit - 1) + 1)
    return found


def checked(text: str, limit: int) -> Sequence[int]:
    """The indexes, where all is as it should be: increasing, and below `limit`.

    Raises:
        IndexesError: it is not.
    """
    found: list[int] = []
    for word in text.split(",") if text else ():
        limits = word.split("-")
        if len(limits) > 2:
            words = "violates the requirement that an index interval can have at most two parts separated by '-'"
            raise IndexesError(f'the fragment "{word}" {words}')
        first, last = _index(limits[0], limit), _index(limits[-1], limit)
        if len(limits) > 1 and first >= last:
            raise IndexesError(f"non-increasing order, previous: {first}, current: {last}")
        if found and found[-1] >= first:
            raise IndexesError(f"non-increasing order, previous: {found[-1]}, current: {first}")
        found += range(first, last + 1)
    return found


def _index(text: str, limit: int) -> int:
    if not text.isdecimal():
        raise IndexesError(f'cannot convert string to integer for index: "{text}"')
    if int(text) >= limit:
        raise IndexesError(f'too large index: "{text}"')
    return int(text)
