import pytest
from builders import a_message
from stores import *  # noqa: F403

from triage.connectors import Batch
from triage.store import lists


@pytest.fixture
def outage(postgres_server, postgres_store):
    """Take the database away, and give it back."""
    name = postgres_store.url.database

    def switch(on: bool) -> None:
        postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(on).lower()}")
        if not on:
            postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    yield switch
    switch(True)


async def test_an_outage_of_the_store_is_waited_out_and_nothing_is_lost(desk, postgres_store, far, running, outage):
    url = postgres_store.url.render_as_string(hide_password=False)
    far["phone"].pulls.append(Batch(items=(a_message(channel="phone", external_id="1"),), cursor="1"))
    async with running(desk(store={"url": url})) as house:
        await house.until(lambda: far["phone"].marked)
        outage(False)
        far["phone"].pulls.append(Batch(items=(a_message(channel="phone", external_id="2"),), cursor="2"))
        await house.until(lambda: any("the store does not answer" in line for line in house.heard))
        # It is down on purpose as far as the watchdog is concerned: a restart would change nothing.
        assert house.heard[-1].startswith("WATCHDOG=1")
        assert len(far["phone"].marked) == 1
        outage(True)
        await house.until(lambda: len(far["phone"].marked) == 2)
        await house.until(lambda: len(far["phone"].sent) == 1)
    with postgres_store.read() as tx:
        found = lists.totals(tx)
    assert (found["messages"], found["lost"], found["waiting"]) == (2, 0, 0)
