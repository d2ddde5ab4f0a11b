"""`triage run` and `triage webhook` as an operator types them, with a receiver that lives on."""

import asyncio
import signal
import stat
from datetime import UTC, datetime

import pytest
from desks import Desk
from receivers import SECRET
from standardwebhooks import Webhook

from triage import settings
from triage.errors import ConfigError
from triage.store import cases, webhooks

CONFIG = """
[desk]
key = {{ file = "key" }}
languages = ["en"]
[store]
url = "{store}"
[models]
processes = 0
[webhooks.crm]
url = "{url}"
secret = {{ file = "secret" }}
events = ["case.*"]
private_network = {private}
"""


def a_home(tmp_path, store, receiver):
    (tmp_path / "key").write_text("a key for tests")
    (tmp_path / "secret").write_text(SECRET)
    made = Desk(tmp_path, tmp_path / "triage.toml")
    url = store.url.render_as_string(hide_password=False)
    made.config.write_text(CONFIG.format(store=url, url=receiver.url, private="true"))
    return made


@pytest.fixture
def home(tmp_path, sqlite_store, receiver):
    return a_home(tmp_path, sqlite_store, receiver)


def taken(store):
    with store.read() as tx:
        hook = webhooks.get(tx, "crm")
    return hook.taken if hook else 0


def act(room):
    """Something happens to each case."""
    for case in room.cases():
        room.store.run(lambda tx, case=case: cases.take(tx, case.id, "mia", datetime.now(UTC)))


@pytest.mark.slow
@pytest.mark.parametrize(("place", "requests"), [("before-send", 3), ("after-send", 6)])
async def test_a_process_killed_between_request_and_mark_sends_the_same_events_with_the_same_ids(
    tmp_path, room, receiver, place, requests
):
    desk = a_home(tmp_path, room.store, receiver)
    for n in range(3):
        room.hear(room.mail(f"My withdrawal {n} is stuck.", sender=f"c{n}@example.org"))
    async with desk.running("--only", "senders") as daemon:
        await daemon.until(lambda: _begun(room.store))
        await daemon.told_to_end()
    act(room)
    async with desk.running("--only", "senders", TRIAGE_FAILPOINT=f"{place}:3") as daemon:
        async with asyncio.timeout(30):
            assert await daemon.process.wait() == -signal.SIGKILL
    assert taken(room.store) == 0
    async with desk.running("--only", "senders") as daemon:
        await daemon.until(lambda: taken(room.store) == 3)
        await daemon.told_to_end()
    ids = [one.id for one in receiver.told]
    assert len(set(ids)) == 3
    assert 3 <= len(ids) <= requests
    bodies = {(one.id, one.body) for one in receiver.told}
    assert len(bodies) == 3
    for one in receiver.told:
        Webhook(SECRET).verify(one.body, one.headers)


def _begun(store):
    with store.read() as tx:
        return webhooks.get(tx, "crm") is not None


async def test_an_operator_tries_a_webhook_and_is_told_what_came_of_it(home, receiver):
    assert (await home.triage("webhook", "test", "crm")).code == 0
    [told] = receiver.told
    assert Webhook(SECRET).verify(told.body, told.headers)["type"] == "webhook.test"
    receiver.answers.append(503)
    refused = await home.triage("webhook", "test", "crm")
    assert (refused.code, "answered 503" in refused.err) == (1, True)
    wrong = await home.triage("webhook", "test", "crn")
    assert 'did you mean "crm"?' in wrong.err
    [listed] = (await home.triage("webhook", "list", "--json")).objects
    assert (listed["name"], listed["state"], listed["waiting"]) == ("crm", "new", 0)
    assert "crm" in (await home.triage("webhook", "list")).out


async def test_an_operator_switches_a_webhook_on_again(home, sqlite_store):
    sqlite_store.run(lambda tx: webhooks.begin(tx, "crm"))
    sqlite_store.run(lambda tx: webhooks.switch_off(tx, "crm", "its receiver is gone for good (410)"))
    [listed] = (await home.triage("webhook", "list", "--json")).objects
    assert (listed["state"], "410" in listed["why"]) == ("off", True)
    assert (await home.triage("webhook", "enable", "crm")).code == 0
    [listed] = (await home.triage("webhook", "list", "--json")).objects
    assert (listed["state"], listed["why"]) == ("up", "")


async def test_a_new_secret_is_one_that_can_sign(home):
    made = await home.triage("webhook", "secret")
    (home.folder / "secret").write_text(made.out)
    (home.folder / "secret").chmod(stat.S_IRUSR)
    assert (await home.triage("webhook", "test", "crm")).code == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("private_network = true", "private_network = false", 'must begin with "https://"'),
        ('events = ["case.*"]', "events = []", "needs at least 1"),
        ('events = ["case.*"]', 'events = ["Case Answered"]', "must be of lower case letters"),
        ('secret = { file = "secret" }', 'secret = { file = "key" }', "[webhooks.crm] a secret is"),
        ("[webhooks.crm]", "[webhooks.crm]\nurls = 1", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_one_clear_line(home, old, new, says):
    home.config.write_text(home.config.read_text().replace(old, new))
    with pytest.raises(ConfigError) as error:
        settings.load(home.config).endpoints()
    assert says in str(error.value)
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)
