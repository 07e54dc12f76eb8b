"""What a container is given: its machine (files, host name, user, limits) and the process that will be its first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.image import SEARCH_PATH, Image
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import System, instant
from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.environment import expand
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.process import Machine, Process, ProcessTable, Streams
from k8s_tutor.embedded.kubelet.resolution import hosts_file, resolv_conf, resolver_of
from k8s_tutor.embedded.kubelet.resources import memory_limit
from k8s_tutor.embedded.kubelet.volumes import mounts_of
from k8s_tutor.objects.types import Obj

__all__ = ["furnish", "user_of"]


def furnish(node: Node, pod: Obj, spec: Obj, runtime: Runtime, image: Image, variables: Mapping[str, str]) -> None:
    """Gives the latest attempt at a container its machine and its first process.

    Args:
        node: Where it runs.
        pod: Whose container it is.
        spec: The container's.
        runtime: What runs of the pod.
        image: Of the container.
        variables: Its environment, as the pod asks for it.
    """
    container = runtime.latest(spec["name"])
    assert container is not None
    assert runtime.net is not None
    host = node.name if pod["spec"].get("hostNetwork") else _host_name(pod)
    # A container that keeps its input open has one nobody writes to until somebody attaches.
    stdin = Pipe() if spec.get("stdin") else None
    streams = Streams(container.log.sink("stdout"), container.log.sink("stderr"), stdin, bool(spec.get("tty")))
    container.machine = machine = Machine(
        loop=node.loop,
        network=node.network,
        net=runtime.net,
        image=image,
        files=_files(pod, spec, image, runtime, host),
        hostname=host,
        random=Random(node.random.getrandbits(64)),
        user=user_of(pod, spec, image),
        memory_limit=memory_limit(spec),
        console=streams,
        table=_table(spec, runtime),
    )

    def exhausted() -> None:
        container.out_of_memory = True

    machine.on_memory_exhausted = exhausted
    args = _command(spec, image, variables)
    directory = spec.get("workingDir") or image.directory
    found = image.find(args[0], directory) if args else None
    main = image.programs[found] if found else _never
    home = {"HOME": variables.get("HOME", "/root" if machine.user == 0 else "/")}
    env = {"PATH": ":".join(SEARCH_PATH), "HOSTNAME": host, **variables, **home}
    container.process = Process(machine, main, args or [""], env, streams, directory)


def user_of(pod: Obj, spec: Obj, image: Image) -> int:
    """Who a container's processes run as."""
    own, shared = spec.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    return int(own.get("runAsUser", shared.get("runAsUser", image.user)))


def _command(spec: Obj, image: Image, variables: Mapping[str, str]) -> Sequence[str]:
    """The first process and its arguments; a command of the pod's own replaces the image's arguments too."""
    command = spec.get("command") or image.entrypoint
    args = spec.get("args") or (() if spec.get("command") else image.cmd)
    return [expand(word, variables) for word in (*command, *args)]


@instant
def _never(_: System) -> int:
    raise AssertionError("a program that is not there is not run")


def _table(spec: Obj, runtime: Runtime) -> ProcessTable:
    """A container's processes: its own, or, for `kubectl debug --target`, those of the one it looks into."""
    target = runtime.latest(spec.get("targetContainerName", ""))
    return target.machine.table if target is not None and target.machine is not None else ProcessTable()


def _host_name(pod: Obj) -> str:
    return str(pod["spec"].get("hostname") or pod["metadata"]["name"])[:63].rstrip("-.")


def _files(pod: Obj, spec: Obj, image: Image, runtime: Runtime, host: str) -> Files:
    assert runtime.net is not None
    written = {
        "/etc/hosts": hosts_file(pod, runtime.net.address, host),
        "/etc/hostname": f"{host}\n",
        "/etc/resolv.conf": resolv_conf(resolver_of(pod)),
        spec.get("terminationMessagePath", "/dev/termination-log"): "",
    }
    files = {**image.files, **{path: text.encode() for path, text in written.items()}}
    return Files(files, mounts_of(spec, runtime.volumes))
