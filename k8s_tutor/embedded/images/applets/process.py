"""Commands about time, processes and the system."""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, datetime
from itertools import pairwise

from k8s_tutor.embedded.images.applets.arguments import UsageFault, accounts, split
from k8s_tutor.embedded.images.permissions import name_of
from k8s_tutor.embedded.images.program import Join, Main, Program, Sleep, System, instant
from k8s_tutor.embedded.images.shell.printing import ConditionFault, holds

__all__ = ["APPLETS"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def sleep(system: System) -> Program:
    """`sleep`."""
    if len(system.args) < 2:
        raise UsageFault("missing operand")
    total = 0.0
    for word in system.args[1:]:
        match = re.fullmatch(r"(\d*\.?\d+)([smhd]?)", word)
        if word in ("infinity", "inf"):
            total += 1e9
        elif match is None:
            system.err(f"sleep: invalid number '{word}'\n")
            return 1
        else:
            total += float(match.group(1)) * _UNITS[match.group(2) or "s"]
    yield Sleep(total)
    return 0


@instant
def date(system: System) -> int:
    """`date`, with `+FORMAT`, `-u` and `-Iseconds`; the time zone is UTC."""
    pairs = pairwise(system.args)
    if other := next((word for before, word in pairs if before not in ("-d", "-D", "-r") and word[0] not in "+-"), ""):
        system.err(f"date: invalid date '{other}'\n")  # a time to set: nobody may, in a container
        return 1
    moment = datetime.fromtimestamp(int(system.now()), UTC)
    formats = [word[1:] for word in system.args[1:] if word.startswith("+")]
    if formats:
        system.out(_formatted(moment, formats[0]) + "\n")
    elif any(word.startswith("-I") for word in system.args[1:]):
        system.out(f"{moment:%Y-%m-%dT%H:%M:%S}+00:00\n")
    else:
        system.out(_formatted(moment, "%a %b %e %H:%M:%S UTC %Y") + "\n")
    return 0


def _formatted(moment: datetime, pattern: str) -> str:
    """`strftime` in English whatever the machine speaks."""
    words = {
        "%a": _DAYS[moment.weekday()][:3],
        "%A": _DAYS[moment.weekday()],
        "%b": _MONTHS[moment.month - 1][:3],
        "%B": _MONTHS[moment.month - 1],
        "%e": f"{moment.day:2d}",
        "%T": moment.strftime("%H:%M:%S"),
        "%F": moment.strftime("%Y-%m-%d"),
        "%D": moment.strftime("%m/%d/%y"),
        "%R": moment.strftime("%H:%M"),
        "%s": str(int(moment.timestamp())),
        "%n": "\n",
        "%t": "\t",
        "%Z": "UTC",
        "%z": "+0000",
        "%%": "%",
    }
    return re.sub(r"%[a-zA-Z%]", lambda m: words.get(m.group(0)) or moment.strftime(m.group(0)), pattern)


@instant
def hostname(system: System) -> int:
    """`hostname`, with `-i`."""
    system.out(f"{system.address if '-i' in system.args else system.hostname}\n")
    return 0


def env(system: System) -> Program:
    """`env`: prints the environment, or runs a command with more of it."""
    words = list(system.args[1:])
    extra = {} if words[:1] in (["-i"], ["-"]) else dict(system.env)
    words = words[1:] if words[:1] in (["-i"], ["-"]) else words
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        extra[name] = value
    if not words:
        system.out("".join(f"{name}={value}\n" for name, value in extra.items()))
        return 0
    main = system.program(words[0])
    if main is None:
        system.err(f"env: can't execute '{words[0]}': No such file or directory\n")
        return 127
    return int((yield Join(system.spawn(main, words, env=extra))))


@instant
def printenv(system: System) -> int:
    """`printenv`."""
    if len(system.args) == 1:
        system.out("".join(f"{name}={value}\n" for name, value in system.env.items()))
        return 0
    missing = 0
    for name in system.args[1:]:
        if name in system.env:
            system.out(f"{system.env[name]}\n")
        else:
            missing = 1
    return missing


@instant
def true(_: System) -> int:
    """`true`."""
    return 0


@instant
def false(_: System) -> int:
    """`false`."""
    return 1


@instant
def test(system: System) -> int:
    """`test` and `[`."""
    expression = list(system.args[1:])
    if system.args[0].endswith("["):
        if expression[-1:] != ["]"]:
            system.err("[: missing ]\n")
            return 2
        expression.pop()
    try:
        return 0 if holds(expression, system.files, system.directory) else 1
    except ConditionFault as fault:
        system.err(f"{system.args[0]}: {fault}\n")
        return 2


@instant
def ident(system: System) -> int:
    """`id`, with `-u`, `-g`, `-G` and `-n`."""
    options, _ = split(system, "ugGnr")
    who = system.who
    users, groups = accounts(system, "passwd"), accounts(system, "group")

    def named(text: bytes, number: int) -> str:
        return (name_of(text, number) if options.has("n") else "") or str(number)

    if options.has("u"):
        system.out(f"{named(users, who.uid)}\n")
    elif options.has("g"):
        system.out(f"{named(groups, who.gid)}\n")
    elif options.has("G"):
        others = (number for number in who.groups if number != who.gid)  # its own comes first here
        system.out(" ".join(named(groups, number) for number in (who.gid, *others)) + "\n")
    else:
        all_groups = ",".join(_numbered(groups, number) for number in who.groups)
        system.out(f"uid={_numbered(users, who.uid)} gid={_numbered(groups, who.gid)} groups={all_groups}\n")
    return 0


def _numbered(text: bytes, number: int) -> str:
    name = name_of(text, number)
    return f"{number}({name})" if name else str(number)


@instant
def whoami(system: System) -> int:
    """`whoami`."""
    name = name_of(accounts(system, "passwd"), system.who.uid)
    if not name:
        system.err(f"whoami: unknown uid {system.who.uid}\n")
        return 1
    system.out(f"{name}\n")
    return 0


@instant
def pwd(system: System) -> int:
    """`pwd`."""
    system.out(f"{system.directory}\n")
    return 0


@instant
def basename(system: System) -> int:
    """`basename`."""
    name = posixpath.basename(system.args[1].rstrip("/"))
    suffix = system.args[2] if len(system.args) > 2 else ""
    system.out(name.removesuffix(suffix) + "\n")
    return 0


@instant
def dirname(system: System) -> int:
    """`dirname`."""
    system.out((posixpath.dirname(system.args[1].rstrip("/")) or ".") + "\n")
    return 0


@instant
def uname(system: System) -> int:
    """`uname`."""
    facts = {"s": "Linux", "n": system.hostname, "r": "6.18.44", "m": "x86_64"}
    flags = "".join(word[1:] for word in system.args[1:]) or "s"
    if "a" in flags:
        system.out(f"Linux {system.hostname} 6.18.44 #1 SMP x86_64 GNU/Linux\n")
    else:
        system.out(" ".join(facts[letter] for letter in "snrm" if letter in flags) + "\n")
    return 0


@instant
def ps(system: System) -> int:
    """`ps`: the processes of the container."""
    user = name_of(accounts(system, "passwd"), system.who.uid) or str(system.who.uid)
    system.out("PID   USER     COMMAND\n")
    for pid, args in system.processes():
        system.out(f"{pid:5d} {user:<8} {' '.join(args)}\n")
    return 0


@instant
def kill(system: System) -> int:
    """`kill`."""
    names = {"1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "15": "TERM"}
    signal, status = "TERM", 0
    for word in system.args[1:]:
        if word.startswith("-"):
            signal = names.get(word[1:], word[1:].removeprefix("SIG"))
        elif not (word.isdigit() and system.kill(int(word), signal)):
            system.err(f"kill: can't kill pid {word}: No such process\n")
            status = 1
    return status


def timeout(system: System) -> Program:
    """`timeout SECONDS COMMAND`."""
    options, words = split(system, "", "tsk", stop_at_word=True)
    del options
    seconds = float(words[0].rstrip("s"))
    main = system.program(words[1])
    if main is None:
        system.err(f"timeout: can't execute '{words[1]}': No such file or directory\n")
        return 127
    child = system.spawn(main, words[1:])

    def alarm(_: System) -> Program:
        yield Sleep(seconds)
        child.signal("TERM")
        return 1

    timer = system.spawn(alarm, (words[0],))
    code: int = yield Join(child)
    if timer.exit_code:  # BusyBox runs the command in its own place: it is `timeout` that the signal ends
        system.kill(system.pid, "TERM")
    timer.signal("KILL")
    return code


@instant
def nproc(system: System) -> int:
    """`nproc`."""
    system.out("4\n")
    return 0


@instant
def which(system: System) -> int:
    """`which`."""
    status = 0
    for name in system.args[1:]:
        path = system.find(name)
        if path is None:
            status = 1
        else:
            system.out(f"{path}\n")
    return status


@instant
def expr(system: System) -> int:
    """`expr` of two integers."""
    left, operator, right = (*system.args[1:4], "", "", "")[:3]
    if (
        operator not in ("+", "-", "*", "/", "%")
        or not re.fullmatch(r"-?\d+", left)
        or not re.fullmatch(r"-?\d+", right)
    ):
        raise UsageFault("only INTEGER OPERATOR INTEGER is simulated on the embedded cluster")
    a, b = int(left), int(right)
    if operator in "/%" and b == 0:
        raise UsageFault("division by zero")
    value = {"+": a + b, "-": a - b, "*": a * b}.get(operator)
    value = (int(a / b) if operator == "/" else a - b * int(a / b)) if value is None else value
    system.out(f"{value}\n")
    return 0 if value else 1


APPLETS: dict[str, Main] = {
    "sleep": sleep,
    "date": date,
    "hostname": hostname,
    "env": env,
    "printenv": printenv,
    "true": true,
    "false": false,
    "test": test,
    "[": test,
    "id": ident,
    "whoami": whoami,
    "pwd": pwd,
    "basename": basename,
    "dirname": dirname,
    "uname": uname,
    "ps": ps,
    "kill": kill,
    "timeout": timeout,
    "nproc": nproc,
    "which": which,
    "expr": expr,
}
