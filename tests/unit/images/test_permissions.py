"""Users and permissions in simulated containers: who may what, and in which words a program is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.images.permissions import (
    ROOT,
    USUAL_CAPABILITIES,
    Attributes,
    Identity,
    capability_bits,
    changed_mode,
)

ALICE = Identity(1000, 3000, (2000, 3000), effective=0)
POWERLESS = Identity(bounding=0, effective=0)


@pytest.fixture
def alice(box):
    return box("busybox:1.35", who=ALICE)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo a > /etc/x", "sh: can't create /etc/x: Permission denied\n"),
        ("echo a > /nope/x", "sh: can't create /nope/x: nonexistent directory\n"),
        ("echo a >> /etc/passwd", "sh: can't create /etc/passwd: Permission denied\n"),
        ("touch /etc/x", "touch: /etc/x: Permission denied\n"),
        ("mkdir /etc/x", "mkdir: can't create directory '/etc/x': Permission denied\n"),
        ("rm /etc/passwd", "rm: can't remove '/etc/passwd': Permission denied\n"),
        ("mv /etc/passwd /tmp", "mv: can't rename '/etc/passwd': Permission denied\n"),
        ("cp /etc/passwd /etc/x", "cp: can't create '/etc/x': Permission denied\n"),
        ("chmod 777 /etc/passwd", "chmod: /etc/passwd: Operation not permitted\n"),
        ("chown 1000 /etc/passwd", "chown: /etc/passwd: Operation not permitted\n"),
        ("chown bob /etc/passwd", "chown: unknown user bob\n"),
        ("cat /tmp/secret", "cat: can't open '/tmp/secret': Permission denied\n"),
        ("echo a > /sys/x", "sh: can't create /sys/x: Read-only file system\n"),
        ("rm /tmp/secret", "rm: can't remove '/tmp/secret': Operation not permitted\n"),
        ("dd if=/dev/zero of=/etc/x count=1", "dd: can't open '/etc/x': Permission denied\n"),
    ],
)
def test_what_a_user_may_not_do_is_said_as_busybox_says_it(alice, script, words):
    alice.machine.files.write("/tmp/secret", b"s")
    alice.machine.files.change_mode("/tmp/secret", 0o600)

    ran = alice.run("sh", "-c", script)

    assert (ran.err, ran.code) == (words, 1)


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("id", "uid=1000 gid=3000 groups=2000,3000\n"),
        ("id -u; id -g; id -G", "1000\n3000\n3000 2000\n"),
        ("umask", "0022\n"),
        ("cd /tmp; touch f; mkdir d; stat -c '%a %u %g %n' f d", "644 1000 3000 f\n755 1000 3000 d\n"),
        ("cd /tmp; umask 077; touch f; mkdir d; stat -c '%a' f d", "600\n700\n"),
        ("cd /tmp; umask 077; sh -c 'touch f'; stat -c '%a' f", "600\n"),
        ("cd /tmp; (umask 077); touch f; stat -c '%a' f", "644\n"),
        ("cd /tmp; mkdir -m 1777 d; stat -c '%A' d", "drwxrwxrwt\n"),
        ("cd /tmp; touch f; chmod u+x,go-r f; stat -c '%A' f", "-rwx------\n"),
        ("cd /tmp; touch f; chown :2000 f; stat -c '%g' f", "2000\n"),
        ("cd /tmp; echo a > f; chmod 000 f; [ -r f ] || echo no", "no\n"),
        ("[ -w /etc ] || echo no; [ -w /tmp ] && echo yes", "no\nyes\n"),
        (
            "cd /tmp; mkdir d; touch d/f; rmdir d 2>&1; rm -r d; [ -e d ] || echo gone",
            "rmdir: 'd': Directory not empty\ngone\n",
        ),
    ],
)
def test_what_a_user_makes_is_the_users(alice, script, printed):
    assert alice.run("sh", "-c", script).out == printed


def test_a_script_runs_where_its_mode_says_so(busybox):
    make = "echo 'echo $0 $1' > /tmp/hello; /tmp/hello you; chmod +x /tmp/hello; /tmp/hello you"

    ran = busybox.run("sh", "-c", make)

    assert (ran.out, ran.err) == ("/tmp/hello you\n", "sh: /tmp/hello: Permission denied\n")


def test_the_long_list_shows_owners_by_number_and_by_name(alice):
    alice.run("sh", "-c", "cd /tmp; mkdir d; echo hello > f")

    by_name, by_number = alice.run("ls", "-l", "/tmp").out, alice.run("ls", "-ln", "/tmp").out

    assert by_number.startswith("total 8\ndrwxr-xr-x    2 1000     3000          4096 Jan  1 00:00 d\n")
    assert by_name == by_number
    assert alice.run("ls", "-ld", "/etc").out.startswith("drwxr-xr-x    2 root     0 ")


def test_root_may_all_unless_that_is_taken_from_it(box):
    mine = "cd /tmp; touch f; chown 1000 f; chmod 600 f; echo a > f; cat f"

    assert box("busybox:1.35").run("sh", "-c", mine).out == "a\n"
    ran = box("busybox:1.35", who=POWERLESS).run("sh", "-c", mine)
    assert ran.err == "chown: f: Operation not permitted\n"
    assert ran.out == "a\n"


def test_a_read_only_root_keeps_out_even_root(busybox):
    busybox.machine.sealed = True

    assert busybox.run("sh", "-c", "echo a > /tmp/x").err == "sh: can't create /tmp/x: Read-only file system\n"
    assert busybox.run("touch", "/x").err == "touch: /x: Read-only file system\n"
    assert busybox.run("sh", "-c", "echo a > /dev/null && cat /etc/passwd").code == 0


def test_the_kernel_says_which_capabilities_a_process_has(box, alice):
    lines = alice.run("sh", "-c", "cd /proc/1; grep -E 'Uid|Gid|Groups|Cap(Prm|Bnd)' status").out.split("\n")

    assert lines[:3] == ["Uid:\t1000\t1000\t1000\t1000", "Gid:\t3000\t3000\t3000\t3000", "Groups:\t2000 3000 "]
    assert lines[3:5] == ["CapPrm:\t0000000000000000", "CapBnd:\t00000000a80425fb"]
    assert "CapPrm:\t00000000a80425fb" in box("busybox:1.35").run("cat", "/proc/self/status").out


def test_names_of_capabilities():
    added = USUAL_CAPABILITIES | capability_bits(["NET_ADMIN", "SYS_TIME"])

    assert f"{added:016x}" == "00000000aa0435fb"
    assert capability_bits(["CAP_CHOWN", "unknown"]) == 1
    assert f"{capability_bits(['ALL']):x}" == "1ffffffffff"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("644", 0o777, 0o644),
        ("+x", 0o644, 0o755),
        ("u=rw,go=", 0o777, 0o600),
        ("a+X", 0o644, 0o644),
        ("a+X", 0o744, 0o755),
        ("g+s", 0o755, 0o2755),
        ("+t", 0o777, 0o1777),
        ("o-rwx", 0o777, 0o770),
        ("nonsense", 0, None),
    ],
)
def test_modes_as_chmod_takes_them(text, before, after):
    assert changed_mode(text, before, 0o022) == after


@given(st.integers(0, 0o777), st.integers(0, 7), st.integers(0, 5), st.integers(0, 5))
def test_root_may_read_and_write_what_anybody_may(mode, wanted, uid, gid):
    somebody, about = Identity(uid, gid, (gid,), effective=0), Attributes(3, 3, mode)

    assert not somebody.allows(about, wanted) or ROOT.allows(about, wanted)


@pytest.mark.parametrize(
    ("who", "sealed", "words"),
    [
        (ALICE, False, 'mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)'),
        (ROOT, True, 'mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)'),
        (ALICE, True, 'mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)'),
        (POWERLESS, False, 'chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)'),
    ],
)
def test_nginx_says_what_it_may_not_do(box, who, sealed, words):
    container = box("nginx:1.22", who=who)
    container.machine.sealed = sealed

    ended = container.start()

    lines = container.err.data.decode().splitlines()
    assert ended.exit_code == 1
    assert lines[-1] == f"nginx: [emerg] {words}"
    assert lines[-2].endswith(f" [emerg] 1#1: {words}")
    assert ('[warn] the "user" directive' in lines[1]) == (who is ALICE) if len(lines) > 2 else who is not ALICE


def test_nginx_does_not_show_what_its_workers_may_not_read(box):
    container = box("nginx:1.22")
    container.start()
    container.run("chmod", "600", "/usr/share/nginx/html/index.html")

    assert container.get("/", 80).code == 403
    assert b'index.html" failed (13: Permission denied)' in container.err.data
