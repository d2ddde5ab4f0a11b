"""Talking to the service manager: readiness, status, watchdog (sd_notify(3)). Silent where there is none."""

import os
import socket
import time
from collections.abc import Callable

Notify = Callable[[str], None]
"""Tells the service manager one or more lines; never raises."""


def notify(state: str) -> None:
    """Send lines such as "READY=1" to the service manager; without one, nothing happens.

    A manager that does not listen is no reason to stop working, so no error is raised.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # "@" stands for the zero byte that begins an abstract socket's name.
    target = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            # A full queue must not block the event loop: the next beat follows soon.
            channel.setblocking(False)
            channel.connect(target)
            channel.send(state.encode())
    except OSError:
        return


def ready(status: str) -> str:
    """Return the lines that say the service works now."""
    return f"READY=1\n{status_line(status)}"


def reloading() -> str:
    """Return the lines that say the configuration is being read again; `ready` must follow."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def stopping(status: str) -> str:
    """Return the lines that say the service ends."""
    return f"STOPPING=1\n{status_line(status)}"


def status_line(status: str) -> str:
    """Return the line that `systemctl status` shows; a line break would begin another assignment, so none stays."""
    return f"STATUS={' '.join(status.split())}"


def watchdog_interval() -> float | None:
    """Return the seconds within which "WATCHDOG=1" must come, or None when nobody watches this process."""
    usec, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 1_000_000
