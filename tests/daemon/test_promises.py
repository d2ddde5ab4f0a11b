from datetime import UTC, datetime, timedelta

from builders import a_message

from triage.connectors import Batch


async def test_a_customer_whose_waiting_time_has_run_out_is_told(desk, store, far, running):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    far["phone"].pulls.append(Batch(items=(a_message(channel="phone", received_at=long_ago),)))
    async with running(desk()) as house:
        await house.until(lambda: far["phone"].sent)
        with store.begin() as tx:
            tx.exec_driver_sql("UPDATE cases SET promised_by = promised_at")
        await house.until(lambda: len(far["phone"].sent) == 2)
    assert [reply.kind for reply in far["phone"].sent] == ["acknowledgement", "late"]
