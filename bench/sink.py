"""A mail server that takes acknowledgements and counts them, in a process of its own: `sink.py [CERT KEY PASSWORD]`.

With a certificate it wants STARTTLS and a login first, as a provider does; without one it takes everything plainly.
Prints its port; then, for each line on standard input, what it got since the last one, as JSON.
"""

import asyncio
import json
import ssl
import sys
import threading
import time
from email import message_from_bytes

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    """Counts mails.

    Attributes:
        last: When the last mail was taken, by the clock that all processes of the machine share.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.last = 0.0

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.taken += [(to, envelope.content) for to in envelope.rcpt_tos]
        self.last = time.monotonic()
        return "250 2.0.0 queued"

    def told(self) -> dict:
        """Return what came since the last call: mails, mails that came twice, recipients."""
        taken, self.taken = self.taken, []
        ids = {str(message_from_bytes(raw).get("Message-ID")) for _, raw in taken}
        people = len({to for to, _ in taken})
        return {"mails": len(taken), "twice": len(taken) - len(ids), "people": people, "last": self.last}


async def main(cert: str = "", key: str = "", password: str = "") -> None:
    sink, options = Sink(), {}
    if cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(cert, key)
        login = lambda *given: AuthResult(success=given[-1].password == password.encode(), handled=False)  # noqa: E731
        options = {"tls_context": tls, "authenticator": login, "auth_require_tls": True, "auth_required": True}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example", **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def answer() -> None:
        for _ in sys.stdin:
            print(json.dumps(sink.told()), flush=True)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=answer, daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
