"""Who answers at an address: of what is no scheduler, dask waits for a greeting without end."""

from __future__ import annotations

import socket
from typing import Any

from batterycell.errors import InputError

from .place import ClusterPlace

_KEYS = "Name the files in dask's configuration, distributed.comm.tls, or start this where it is."


def require_scheduler(place: ClusterPlace, seconds: float) -> None:
    """See that what answers at an address is a scheduler; where nobody answers, dask tries longer and says so.

    Args:
        place: A scheduler's.
        seconds: How long to wait for its greeting.

    Raises:
        InputError: if it is none, or asks for keys that dask has not been given.
    """
    keys = _keys(place)
    host, _, port = place.address.partition("://")[2].rpartition(":")
    try:
        line = socket.create_connection((host.strip("[]"), int(port)), seconds)
    except OSError:
        return
    with line:
        if not _greets(line, keys):
            hint = "Check the port (a scheduler's is 8786 by default, its page's 8787), and whether it is tcp:// or tls://."
            raise InputError("cluster-stranger", f"What answers at {place.words} is no scheduler of dask.", hint)


def _keys(place: ClusterPlace) -> Any:
    """What a connection is made safe with; None where it need not be."""
    if not place.address.startswith("tls://"):
        return None
    from distributed.security import Security

    keys = Security().get_connection_args("client").get("ssl_context")
    if keys is None:
        raise InputError("cluster-keys", f"dask has no keys for {place.words}.", _KEYS)
    return keys


def _greets(line: socket.socket, keys: Any) -> bool:
    """Whether it says something before it is asked, as dask does."""
    try:
        with keys.wrap_socket(line) if keys else line as safe:
            return bool(safe.recv(1))
    except OSError:
        return False
