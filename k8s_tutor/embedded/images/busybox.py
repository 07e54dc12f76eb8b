"""`busybox`: a shell and the common commands. Other images of the catalogue that have a shell have this one.

A command that BusyBox has and this cluster does not simulate says so and exits 127.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from k8s_tutor.embedded.images.applets import archive, directories, network, patterns, process, text
from k8s_tutor.embedded.images.applets.arguments import UsageFault
from k8s_tutor.embedded.images.files import DiskFull
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.permissions import words_of
from k8s_tutor.embedded.images.program import Main, Program, Read, System, instant
from k8s_tutor.embedded.images.shell.builtins import BUILTINS
from k8s_tutor.embedded.images.shell.interpreter import Shell
from k8s_tutor.embedded.images.shell.streams import Streams, read_line

__all__ = ["FILES", "contents", "programs", "shell"]

FILES: Mapping[str, bytes] = {
    "/etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
}

_NOT_SIMULATED = """
ar arp awk bc bzip2 chroot cmp comm cpio crond crontab df diff dmesg dos2unix du ed expand factor find flock
fold free fuser getopt gunzip gzip hexdump hostid ifconfig ip join killall less link ln logger losetup lsof mkfifo
mknod mktemp more mount nice nl nohup nsenter od passwd paste patch pgrep pidof pkill readlink realpath renice rev
route rpm setsid shred shuf split strings stty su tac telnet tftp time top traceroute truncate tty
umount unexpand unlink unzip uptime usleep vi watch xxd xz zcat
"""


def shell(system: System) -> Program:
    """`sh`: `-c COMMANDS [NAME [ARGUMENT…]]`, a script file, or commands from standard input."""
    words = list(system.args[1:])
    options: set[str] = set()
    while words and words[0][:1] == "-" and words[0] not in ("-", "--"):
        options |= set(words.pop(0)[1:])
    streams = Streams(system.stdin, system.stdout, system.stderr)
    if "c" in options:
        name = words[1] if len(words) > 1 else system.args[0]
        interpreter = Shell(system, name, words[2:], BUILTINS)
        interpreter.options = options & set("eux")
        return (yield from interpreter.finish(interpreter.run_text(words[0], streams, last=True), streams))
    interpreter = Shell(system, words[0] if words else system.args[0], words[1:], BUILTINS)
    interpreter.options = options & set("eux")
    if words:
        try:
            script = system.files.read(words[0]).decode()
        except OSError as error:
            system.err(f"sh: can't open '{words[0]}': {words_of(error)}\n")
            return 2
        return (yield from interpreter.finish(interpreter.run_text(script, streams, last=True), streams))
    return (yield from interpreter.finish(_interactive(interpreter, system, streams), streams))


def _interactive(interpreter: Shell, system: System, streams: Streams) -> Program:
    """Reads and runs a line at a time; with a terminal it shows a prompt."""
    while True:
        if system.terminal:
            system.out(f"{system.directory} {'#' if system.who.uid == 0 else '$'} ")
        line = yield from read_line(streams.stdin)
        if line is None:
            return interpreter.status
        yield from interpreter.run_text(line, streams)


def _usable(applet: Main, version: str) -> Main:
    """A command whose usage errors are printed as BusyBox prints them."""

    def main(system: System) -> Program:
        name = system.args[0].rpartition("/")[2]
        try:
            return (yield from applet(system))
        except UsageFault as fault:
            system.err(f"{name}: {fault}\nBusyBox v{version} multi-call binary.\n")
            return 1
        except (IndexError, ValueError, KeyError) as error:
            system.err(f"{name}: invalid argument ({error})\n")
            return 1
        except DiskFull:  # as any program says it
            raise
        except OSError as error:
            system.err(f"{name}: {error.args[0] if error.args else ''}: {words_of(error)}\n")
            return 1

    return main


@instant
def _absent(system: System) -> int:
    name = system.args[0].rpartition("/")[2]
    system.err(
        f"{name}: BusyBox has this command, but it is not simulated on the embedded cluster (a kind cluster runs it)\n"
    )
    return 127


def _busybox(version: str) -> Main:
    """`busybox NAME …` runs a command by name."""

    def main(system: System) -> Program:
        if len(system.args) > 1:
            main = system.program(system.args[1])
            if main is not None:
                system.args = system.args[1:]
                return (yield from main(system))
        system.out(f"BusyBox v{version} multi-call binary.\n")
        if system.stdin is None:
            return 0
        while (yield Read()):
            pass
        return 0

    return main


@cache
def programs(version: str = "1.35.0") -> Mapping[str, Main]:
    """All of BusyBox, by path."""
    found: dict[str, Main] = {f"/usr/bin/{name}": _absent for name in _NOT_SIMULATED.split()}
    for module in (text, patterns, directories, process, network, archive):
        found |= {f"/usr/bin/{name}": _usable(main, version) for name, main in module.APPLETS.items()}
    found |= {"/usr/bin/sh": shell, "/usr/bin/ash": shell, "/usr/bin/busybox": _busybox(version)}
    found |= {path.removeprefix("/usr"): main for path, main in found.items()}
    return found


def contents(version: str) -> Contents:
    """What is inside the image of one version."""
    return Contents(programs(version), FILES)
