"""The port on which the dashboard listens (docs/decisions.md, 6)."""

from __future__ import annotations

import os
import socket

from pipelines.core.errors import InputError

LAST_PORT = 65535
_BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; browsers that come early wait in its queue.

    Small answers go out at once (``TCP_NODELAY``, handed on to each connection): a page asks
    for a hundred small files, and each would otherwise wait 40 ms for the last one's receipt.

    Raises
    ------
    InputError
        The port is taken or not allowed, or the host is not of this machine.
    """
    reason: OSError | None = None
    try:
        # A name may stand for addresses of both families, one of which may be switched off;
        # IPv4 first, for it is what people and scripts type.
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, proto, _, address in sorted(known, key=lambda a: a[0] != socket.AF_INET):
            server_socket = socket.socket(family, kind, proto)
            try:
                if os.name != "nt":  # there it would share a port that is taken
                    server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server_socket.bind(address)
                server_socket.listen(_BACKLOG)
                return server_socket
            except OSError as error:
                reason = reason or error
                server_socket.close()
    except OSError as error:
        reason = error
    raise InputError(
        f"--host {host} --port {port}: {reason.strerror if reason else 'no address'}. Choose "
        "another, for instance "
        f"--host localhost --port {port + 1 if port < LAST_PORT else port - 1}"
    ) from reason
