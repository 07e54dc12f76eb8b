"""What exec and attach carry, whatever carries it: input, output, errors, the end, the terminal's size."""

from __future__ import annotations

import json
from enum import IntEnum

from k8s_tutor.embedded.core import Upgrade
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.objects.types import Obj

__all__ = ["Channel", "attach", "take"]


class Channel(IntEnum):
    """As they are numbered on WebSockets."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255


def attach(upgrade: Upgrade, outbox: Mailbox[tuple[Channel, bytes]]) -> None:
    """Starts the session; what it says goes into `outbox`, which ends with it. To be called with the core held."""

    def done(status: Obj) -> None:
        outbox.push((Channel.ERROR, json.dumps(status).encode()))
        outbox.end()

    upgrade.session.attach(
        lambda data: outbox.push((Channel.STDOUT, data)) if upgrade.stdout else None,
        lambda data: outbox.push((Channel.STDERR, data)) if upgrade.stderr else None,
        done,
    )


def take(upgrade: Upgrade, channel: int, data: bytes) -> None:
    """What the client sent on a channel. To be called with the core held."""
    if channel == Channel.STDIN and data:
        upgrade.session.write(data)
    elif channel == Channel.RESIZE:
        try:
            size = json.loads(data)
            upgrade.session.resize(int(size.get("Width", 0)), int(size.get("Height", 0)))
        except (ValueError, AttributeError, TypeError):
            return  # no size: the terminal stays as it is
