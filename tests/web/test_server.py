"""The socket of the pages."""

import socket
from contextlib import closing

from triage.web import server


def test_an_answer_is_sent_at_once_and_not_held_back_for_more():
    with (
        closing(server.listen("127.0.0.1:0")) as door,
        closing(socket.create_connection(door.getsockname())),
        closing(door.accept()[0]) as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
