"""Whether the dashboard can listen where it is told to."""

from __future__ import annotations

import socket

from pipelines.errors import InputError

LAST_PORT = 65535


def check_free(host: str, port: int) -> None:
    """Say in words that an address cannot be listened on; nothing is sent.

    Raises
    ------
    InputError
        The port is taken or not allowed, or the host is not of this machine.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise InputError(
            f"--host {host} --port {port}: {error.strerror}. Choose another, for instance "
            f"--host localhost --port {port + 1 if port < LAST_PORT else port - 1}"
        ) from error
