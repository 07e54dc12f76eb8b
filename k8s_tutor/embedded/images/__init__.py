"""The image catalogue: what the embedded cluster's containers run, one small module a program.

Law: a program sees its own machine (`program.System`) and nothing else: no store, no API server, no wall clock. It
lives in virtual time and answers as the real image does; what it cannot do it says, and exits 127.

In reading order:

    image.py      what an image is
    catalogue.py  all of them; which tags there are, and which others, is in `public.toml`
    program.py    how a program is written: a generator that yields what it waits for
    permissions.py  users, modes, capabilities: who may do what with which file
    tree.py       where a container's files lie, and whose they are
    files.py      a container's file system, as one of its processes sees it
    pipe.py       bytes between two processes
    shell/        a small POSIX shell
    applets/      BusyBox's commands
    busybox.py    `busybox`
    web.py        HTTP as the catalogue's servers speak it
    nginx.py      `nginx`
    podinfo.py    `podinfo`
    agnhost.py    `agnhost`
    etcd/         `etcd`
    redis/        `redis`
    small.py      `http-echo`, `whoami`, `kuard`, `hello-world`
    plain.py      images of which little is simulated: `pause`, `alpine`, `ubuntu`; stand-ins for all others
    own.py        an image of a learner's own: a function
"""
