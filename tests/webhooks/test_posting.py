"""One signed request: what it carries, what counts as taken, and where it never goes."""

import asyncio
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trustme
from receivers import OLD_SECRET, SECRET, receiving
from standardwebhooks import Webhook, WebhookVerificationError

from triage import posting, webhooks
from triage.errors import ConfigError
from triage.posting import Poster, headers
from triage.webhooks import Endpoint, check_secret, check_url

BODY = '{"type":"case.answered"}'


def an_endpoint(url: str, **other) -> Endpoint:
    return Endpoint(**({"name": "crm", "url": url, "secrets": (SECRET,), "private": True} | other))


async def posted(endpoint: Endpoint, msg_id: str = "msg_1", body: str = BODY):
    poster = Poster(endpoint)
    try:
        return await poster.post(msg_id, body, datetime.now(UTC))
    finally:
        await poster.close()


def test_the_signature_is_the_one_of_the_specification():
    # The example that every implementation of Standard Webhooks is tested with.
    signed = headers(
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )  # fmt: skip
    assert signed["webhook-timestamp"] == "1614265330"
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_while_a_secret_is_changed_receivers_with_either_one_believe_the_request():
    async with receiving() as receiver:
        assert (await posted(an_endpoint(receiver.url, secrets=(SECRET, OLD_SECRET)))).taken
    [told] = receiver.told
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(told.body, told.headers) == {"type": "case.answered"}
    with pytest.raises(WebhookVerificationError):
        Webhook(webhooks.new_secret(b"x" * 32)).verify(told.body, told.headers)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_every_success_counts_as_taken(status):
    async with receiving() as receiver:
        receiver.answers.append(status)
        assert (await posted(an_endpoint(receiver.url))).taken


@pytest.mark.parametrize(
    ("status", "busy"), [(400, False), (404, False), (500, False), (429, True), (502, True), (503, True)]
)
async def test_any_other_answer_does_not(status, busy):
    async with receiving() as receiver:
        receiver.answers.append(status)
        answer = await posted(an_endpoint(receiver.url))
    assert (answer.taken, answer.busy, answer.why) == (False, busy, f"answered {status}")


async def test_a_redirect_is_not_followed():
    async with receiving() as elsewhere, receiving() as receiver:
        receiver.answers.append(f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere.url}\r\n\r\n".encode())
        answer = await posted(an_endpoint(receiver.url))
    assert answer.why == "answered 307: redirects are not followed"
    assert elsewhere.told == []


async def test_a_receiver_may_ask_for_time_but_not_for_ever():
    async with receiving() as receiver:
        for said in ("120", "99999999", "soon", "-5", "9" * 400):
            receiver.answers.append(f"HTTP/1.1 503 Busy\r\nRetry-After: {said}\r\n\r\n".encode())
        waits = [(await posted(an_endpoint(receiver.url))).wait for _ in range(5)]
    assert waits == [120, posting.LONGEST_ASKED, 0, 0, 0]


async def test_one_deadline_covers_a_receiver_that_drips_its_answer(monkeypatch):
    monkeypatch.setattr(posting, "DEADLINE", 0.3)

    async def drip(writer):
        writer.write(b"HTTP/1.1 204 ")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with receiving() as receiver:
        receiver.answers.append(drip)
        answer = await posted(an_endpoint(receiver.url))
    assert (answer.status, answer.why) == (0, "no answer in 0 s")


async def test_of_an_answer_without_end_nothing_but_the_head_is_read():
    sent = 0

    async def flood(writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            writer.write(b"\x1f" * 65536)
            await writer.drain()
            sent += 65536

    async with receiving() as receiver:
        receiver.answers.append(flood)
        assert (await posted(an_endpoint(receiver.url))).taken
    assert sent < 20_000_000


async def test_a_head_without_end_is_no_answer():
    async def flood(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 4000 + b"\r\n")
            await writer.drain()

    async with receiving() as receiver:
        receiver.answers.append(flood)
        answer = await posted(an_endpoint(receiver.url))
    assert (answer.status, answer.taken) == (0, False)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\x00" * 100])
async def test_what_is_no_answer_is_told_without_its_words(said):
    async with receiving() as receiver:
        receiver.answers.append(said)
        answer = await posted(an_endpoint(receiver.url))
    assert answer.status == 0
    assert answer.why.startswith("it broke off (")
    assert "SSH" not in answer.why


async def test_nothing_goes_into_a_network_of_ours_unless_it_may():
    async with receiving() as receiver:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"):
            answer = await posted(an_endpoint(f"http://{host}:{receiver.port}/", private=False))
            assert (answer.status, answer.why) == (0, "its address is none of the internet: see `private_network`"), (
                host
            )
        for host in ("2130706433", "0x7f.1", "127.1"):  # what only some programs take for an address
            assert not (await posted(an_endpoint(f"http://{host}:{receiver.port}/", private=False))).taken
    assert receiver.told == []


async def test_a_name_that_changes_its_address_between_two_looks_leads_nowhere(monkeypatch):
    """DNS rebinding: what is judged is the address that is connected to, however often the name is looked up."""
    looks = []
    loop = asyncio.get_running_loop()

    async with receiving() as receiver:
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", receiver.port))
        here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))

        async def rebinding(host, *_, **__):
            looks.append(host)
            return [public if len(looks) == 1 else here]

        async def connect(sock, address):
            raise ConnectionRefusedError(111, "nobody is there")

        monkeypatch.setattr(loop, "getaddrinfo", rebinding)
        monkeypatch.setattr(loop, "sock_connect", connect)
        first = await posted(an_endpoint(f"http://rebind.example:{receiver.port}/", private=False))
        monkeypatch.undo()
        monkeypatch.setattr(loop, "getaddrinfo", rebinding)
        second = await posted(an_endpoint(f"http://rebind.example:{receiver.port}/", private=False))
        trusting = await posted(an_endpoint(f"http://rebind.example:{receiver.port}/"))
    assert first.why == "it cannot be reached"
    assert second.why == "its address is none of the internet: see `private_network`"
    assert trusting.taken
    assert len(looks) == len(receiver.told) + 2 == 3


async def test_a_certificate_that_nobody_vouches_for_ends_it_and_one_of_our_own_authority_does_not(tmp_path):
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "other.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    async with receiving(tls) as receiver:
        good = an_endpoint(f"https://localhost:{receiver.port}/", ca_file=tmp_path / "ca.pem")
        assert (await posted(good)).taken
        for wrong in (
            replace(good, ca_file=None), replace(good, ca_file=tmp_path / "other.pem"),
            replace(good, url=f"https://127.0.0.1:{receiver.port}/"),
        ):  # fmt: skip
            assert (await posted(wrong)).why == "its certificate is not one that we can believe"
    assert len(receiver.told) == 1


async def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    async with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert (await posted(an_endpoint(receiver.url))).taken
    assert proxy.told == []


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hook", "ftp://crm.example/", "https://", "https:///hook", "https://me:secret@crm.example/",
        "https://crm.example/#here", "https://crm.example/a b", "crm.example", "",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_sent_to_safely_is_refused(url):
    with pytest.raises(ValueError, match="must be"):
        check_url(url, private=False)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "secret", "whsec_c2hvcnQ=", f"whsec_{'A' * 400}", "whsec_!!!!", SECRET[6:]]
)
def test_a_secret_that_is_none_is_refused_and_not_told(secret):
    with pytest.raises(ConfigError) as error:
        check_secret(secret)
    assert len(secret) < 8 or secret not in str(error.value)
