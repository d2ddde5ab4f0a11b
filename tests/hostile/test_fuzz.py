"""Whatever comes in, nothing crashes, and nothing takes long: headers, trees of parts, updates, posts, texts.

Short here, for every run; `make fuzz` goes on for as long as one likes, with inputs of its own.
"""

from typing import Any

import pytest
from builders import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.connectors import mime
from triage.connectors.telegram.updates import Reader, read
from triage.connectors.x.feed import Feed
from triage.connectors.x.posts import read_mention
from triage.connectors.x.walk import Walk
from triage.message import Message, Unreadable
from triage.rules.automatic import Own
from triage.rules.reading import read as understand
from triage.rules.reading import warm_up
from triage.sealing import guarded, guarded_bytes
from triage.store.written import MESSAGE, dump, load

OWN = Own(addresses=frozenset({"support@us.example"}), domains_of_message_ids=frozenset({"us.example"}))
fuzzed = settings(max_examples=120, deadline=2000, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def word_lists():
    """The daemon loads them before the first message; the first input shall not pay for it."""
    warm_up()


def goes_on(item: Message | Unreadable) -> None:
    """What follows parsing, up to what the store is given."""
    if isinstance(item, Unreadable):
        guarded_bytes(item)
        return
    safe, _ = guarded(item)
    understand(safe, own=OWN, trusted=("mx.us.example",))
    assert load(MESSAGE, dump(MESSAGE, safe)).external_id == item.external_id


def parse(raw: bytes) -> None:
    goes_on(mime.parse(raw, channel="mail", external_id="1", received_at=NOW, own=OWN.addresses))


words = st.sampled_from(
    [
        "my wallet",
        "提现没有到账",
        "seed phrase",
        "abandon about zoo",
        "ab" * 32,
        "4111111111111111",
        "> ",
        "-- \n",
        "<b>",
        "\0",
        "\u202e",
    ]
)
texts = st.lists(st.one_of(words, st.text(st.characters(), max_size=20)), max_size=40).map(" ".join)
values = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"=?utf-8?b?4pi6?=", b"a@b.example", b'"', b"(", b"<", b"multipart/mixed; boundary=B", b"=?x?q?=00?="]
    ),
)
names = st.sampled_from(
    [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"References",
        b"Content-Type",
        b"Authentication-Results",
        b"X",
    ]
)


@fuzzed
@given(st.lists(st.tuples(names, st.lists(values, max_size=5).map(b"".join)), max_size=12), st.binary(max_size=300))
def test_headers(lines, body):
    parse(b"\r\n".join(name + b": " + value for name, value in lines) + b"\r\n\r\n" + body)


leaves = st.tuples(
    st.sampled_from([b"text/plain", b"text/html", b"application/json", b"message/delivery-status", b"image/png"]),
    st.sampled_from([b"", b"base64", b"quoted-printable", b"x"]),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
).map(lambda t: b"Content-Type: " + t[0] + b"\r\nContent-Transfer-Encoding: " + t[1] + b"\r\n\r\n" + t[2])


def whole(parts: list[bytes]) -> bytes:
    inner = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts)
    return b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n' + inner + b"--B--\r\n"


@fuzzed
@given(st.recursive(leaves, lambda inner: st.lists(inner, max_size=4).map(whole), max_leaves=12))
def test_trees_of_parts(part):
    parse(b"From: ann@example.net\r\n" + part)


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


def mostly(known: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with these fields, some of them anything at all."""
    return st.fixed_dictionaries({name: st.one_of(made, made, made, anything) for name, made in known.items()})


chats = st.just({"id": 7, "type": "private"})
posts = mostly(
    {"message_id": st.integers(1, 99), "date": st.just(1_793_600_000), "chat": chats, "text": texts, "caption": texts}
    | {"from": st.just({"id": 7, "is_bot": False, "first_name": "Ann"}), "document": st.just({"file_name": "a"})}
)


@fuzzed
@given(st.one_of(mostly({"update_id": st.integers(), "message": posts}), anything))
def test_updates(update):
    for item in read([update], Reader(channel="bot", bot_id=1, username="us"), NOW):
        goes_on(item)


@fuzzed
@given(st.one_of(mostly({"id": st.just("5"), "author_id": st.just("9"), "text": texts, "lang": texts}), anything))
def test_posts(post):
    feed = Feed(name="x", ask=None, read=read_mention, every=1, price=0, walk=Walk(), due_at=0)
    feed.gathered = [{"data": [post]}]
    for item in feed.items("1", "x", NOW):
        goes_on(item)


@fuzzed
@given(texts, texts)
def test_texts(text, subject):
    update = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": text}
    update["from"] = {"id": 7, "is_bot": False, "first_name": subject}
    for item in read([{"update_id": 1, "message": update}], Reader(channel="bot", bot_id=1, username="us"), NOW):
        goes_on(item)
