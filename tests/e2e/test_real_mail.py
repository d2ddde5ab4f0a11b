"""Through real Postfix and Dovecot: from a customer's "250 queued" to the acknowledgement in her mailbox."""

import pytest
from realmail import Street

pytestmark = [pytest.mark.servers, pytest.mark.slow]

LETTERS = (
    ("My withdrawal of 0.25 BTC has been pending for two days. Order {n}, please check.", "en", "case number"),
    ("你好，我昨天提现500 USDT一直没有到账，订单号 {n}，请帮我查一下。", "zh-Hans", "工单号"),
    ("Hola, hice un retiro de 200 USDT hace dos días y no ha llegado. Mi pedido es {n}.", "es", "número de caso"),
)
BOUND = 15.0
"""Seconds, generous for a busy machine; how fast it is, is for `make bench-latency` to say."""


async def test_a_customers_mail_becomes_a_case_and_her_acknowledgement_stands_in_her_mailbox(
    tmp_path, dovecot, postfix
):
    street = Street.build(tmp_path, dovecot, postfix)
    answers = []
    async with street.desk.running() as daemon:
        await daemon.until(lambda: "1 channels up" in daemon.status())
        for n in range(21):
            text, language, words = LETTERS[n % len(LETTERS)]
            answer = await street.ask(text.format(n=88213500 + n))
            answers.append(answer)
            assert answer.mail["Content-Language"] == language
            assert answer.mail["Auto-Submitted"] == "auto-replied"
            assert answer.mail["Return-Path"] == "<>"
            assert street.address in answer.mail["From"]
            assert words in answer.mail.get_payload(decode=True).decode()
            assert answer.seconds < BOUND
        found = await street.desk.triage("cases", "--json", "--limit", "100")
        assert (await daemon.told_to_end())[0] == 0
    assert len(found.objects) == len(answers)
    numbers = {case["number"] for case in found.objects}
    assert all(any(number in answer.mail.get_payload(decode=True).decode() for number in numbers) for answer in answers)
    times = sorted(answer.seconds for answer in answers)
    print(f"250 queued to acknowledgement: median {times[len(times) // 2]:.2f} s, slowest {times[-1]:.2f} s")
