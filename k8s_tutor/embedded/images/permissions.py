"""Who a process is, to whom a file belongs, and what the one may do with the other: Linux' rules, without a kernel."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "CAPABILITIES",
    "DIRECTORY",
    "EXECUTE",
    "READ",
    "ROOT",
    "USUAL_CAPABILITIES",
    "WRITE",
    "Attributes",
    "Identity",
    "NotEmpty",
    "NotPermitted",
    "ReadOnly",
    "capability_bits",
    "changed_mode",
    "name_of",
    "number_and_words",
    "number_of",
    "proc_status",
    "rows",
    "words_of",
]

DIRECTORY = stat.S_IFDIR
READ, WRITE, EXECUTE = 4, 2, 1
_CAPABILITIES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
"""
CAPABILITIES = tuple(_CAPABILITIES.split())
"""By their numbers, as in linux/capability.h."""


def capability_bits(names: Iterable[str]) -> int:
    """Capabilities as `/proc/…/status` shows them, before it is made hexadecimal; unknown names are left out."""
    short = {name.upper().removeprefix("CAP_") for name in names}
    return sum(1 << number for number, name in enumerate(CAPABILITIES) if name in short or "ALL" in short)


_USUAL = (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL "
    "AUDIT_WRITE"
)
USUAL_CAPABILITIES = capability_bits(_USUAL.split())
"""What containerd leaves to a container that asks for nothing."""


class NotPermitted(PermissionError):
    """Operation not permitted: it takes the file's owner."""


class NotEmpty(OSError):
    """The directory holds something."""


class ReadOnly(OSError):
    """The file lies on something mounted read-only."""


class Attributes(NamedTuple):
    """To whom a file belongs.

    Attributes:
        uid, gid: Its owner's and its group's number.
        mode: Its permissions; with `DIRECTORY` where it is one.
    """

    uid: int = 0
    gid: int = 0
    mode: int = 0o644

    @property
    def permissions(self) -> int:
        """The mode without the kind of file."""
        return stat.S_IMODE(self.mode)

    @property
    def text(self) -> str:
        """As `ls -l` shows the mode: `drwxr-xr-x`."""
        return stat.filemode(self.mode if self.mode & DIRECTORY else self.mode | stat.S_IFREG)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a process runs as.

    Attributes:
        groups: All of its groups, `gid` among them, in the kernel's order: sorted.
        bounding: Capabilities that the container may have at all.
        effective: Those that its processes have: none, unless they are root's.
        no_new_privileges: Whether nothing may give it more than it has.
    """

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = (0,)
    bounding: int = USUAL_CAPABILITIES
    effective: int = USUAL_CAPABILITIES
    no_new_privileges: bool = False

    def can(self, capability: str) -> bool:
        """Whether it has a capability: `DAC_OVERRIDE`."""
        return bool(self.effective & _BITS[capability])

    @property
    def overrides(self) -> bool:
        """Whether permissions do not count for it: root's processes, unless that has been taken from them."""
        return bool(self.effective & _BITS["DAC_OVERRIDE"])

    def allows(self, about: Attributes, wanted: int) -> bool:
        """Whether it may do with a file what `READ`, `WRITE` and `EXECUTE` say.

        Who may override permissions still cannot run a file that nobody may run.
        """
        if self.overrides:
            return not wanted & EXECUTE or bool(about.mode & (DIRECTORY | 0o111))
        shift = 6 if about.uid == self.uid else 3 if about.gid in self.groups or about.gid == self.gid else 0
        return (about.mode >> shift) & wanted == wanted

    def owns(self, about: Attributes) -> bool:
        """Whether it may do what a file's owner may."""
        return about.uid == self.uid or self.can("FOWNER")


_BITS = {name: 1 << number for number, name in enumerate(CAPABILITIES)}
ROOT = Identity()


def proc_status(command: str, pid: int, who: Identity, umask: int) -> str:
    """The lines of `/proc/PID/status` about who a process is."""
    held = f"{who.effective:016x}"
    lines = {
        "Name": command.rpartition("/")[2][:15],
        "Umask": f"{umask:04o}",
        "State": "S (sleeping)",
        "Tgid": str(pid),
        "Pid": str(pid),
        "Uid": "\t".join([str(who.uid)] * 4),
        "Gid": "\t".join([str(who.gid)] * 4),
        "Groups": " ".join(map(str, who.groups)) + " ",
        "CapInh": f"{0:016x}",
        "CapPrm": held,
        "CapEff": held,
        "CapBnd": f"{who.bounding:016x}",
        "CapAmb": f"{0:016x}",
        "NoNewPrivs": str(int(who.no_new_privileges)),
    }
    return "".join(f"{name}:\t{value}\n" for name, value in lines.items())


# ---- `/etc/passwd` and `/etc/group`


def rows(text: bytes) -> Iterator[list[str]]:
    """The lines of `/etc/passwd` or `/etc/group`, by their fields."""
    for line in text.decode(errors="replace").splitlines():
        fields = line.split(":")
        if len(fields) > 2 and fields[2].isdigit():
            yield fields


def name_of(text: bytes, number: int) -> str:
    """The name behind a number; empty where it has none."""
    return next((fields[0] for fields in rows(text) if int(fields[2]) == number), "")


def number_of(text: bytes, name: str) -> int | None:
    """The number behind a name, or a number as it is; None where nobody has that name."""
    found = next((int(fields[2]) for fields in rows(text) if fields[0] == name), None)
    return int(name) if found is None and name.isdigit() else found


# ---- Modes, as `chmod` takes them

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXst]*)+)")
_ACTION = re.compile(r"([-+=])([rwxXst]*)")
_WHOSE = {"u": 0o4700, "g": 0o2070, "o": 0o1007, "a": 0o7777}
_LETTERS = {"r": 0o444, "w": 0o222, "x": 0o111, "s": 0o6000, "t": 0o1000}


def changed_mode(text: str, mode: int, umask: int) -> int | None:
    """The mode after `chmod`: `644`, `u+x`, `g=rwX,o-rwx`; None where the text is no mode.

    Args:
        text: What is asked for.
        mode: As it was; with `DIRECTORY` where it is one.
        umask: What a change that names nobody leaves alone.
    """
    if re.fullmatch("[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            return None
        whose = 0o7777 & ~umask
        if found[1]:
            whose = 0
            for letter in found[1]:
                whose |= _WHOSE[letter]
        for sign, letters in _ACTION.findall(found[2]):
            mode = _acted(mode, sign, letters, whose)
    return stat.S_IMODE(mode)


def _acted(mode: int, sign: str, letters: str, whose: int) -> int:
    bits = 0
    for letter in letters:
        runs = letter == "X" and mode & (DIRECTORY | 0o111)
        bits |= _LETTERS.get(letter, 0o111 if runs else 0)
    bits &= whose
    if sign == "=":
        return mode & ~(whose & 0o777) | bits
    return mode | bits if sign == "+" else mode & ~bits


# ---- What went wrong, as the C library says it

_WORDS = {
    "FileNotFoundError": "No such file or directory",
    "FileExistsError": "File exists",
    "IsADirectoryError": "Is a directory",
    "NotADirectoryError": "Not a directory",
    "NotEmpty": "Directory not empty",
    "NotPermitted": "Operation not permitted",
    "PermissionError": "Permission denied",
    "ReadOnly": "Read-only file system",
    "DiskFull": "No space left on device",
}


def words_of(error: OSError) -> str:
    """The reason: `Permission denied`."""
    return _WORDS.get(type(error).__name__, "Input/output error")


_NUMBERS = {1: "NotPermitted", 2: "FileNotFoundError", 13: "PermissionError", 20: "NotADirectoryError", 30: "ReadOnly"}


def number_and_words(error: OSError) -> str:
    """The reason with its number, as servers log it: `13: Permission denied`."""
    number = next((number for number, name in _NUMBERS.items() if name == type(error).__name__), 5)
    return f"{number}: {words_of(error)}"
