"""How long a customer waits: from Postfix's "250 queued" to the acknowledgement in her mailbox.

    make bench-latency        (needs root, Postfix and Dovecot)

A throwaway Postfix and Dovecot, `triage run` as a process of its own on SQLite, and one customer after another,
each with a mailbox of her own, at odd moments. Dovecot tells of new mail half a second late by design
(mailbox_list/notify); nothing is changed about that.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from dovecot import Dovecot
from mailservers import missing
from postfix import Postfix
from realmail import Street

TEXTS = (
    "My withdrawal of 0.25 BTC has been pending for two days. Order {n}, please check.",
    "你好，我昨天提现500 USDT一直没有到账，订单号 {n}，请帮我查一下。",
    "Hola, hice un retiro de 200 USDT hace dos días y no ha llegado. Mi pedido es {n}.",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if why := missing("dovecot", "postfix"):
        print(f"left out for want of {why}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, Dovecot(given.mails + 5) as dovecot, Postfix(dovecot) as postfix:
        times = asyncio.run(measure(Street.build(Path(folder), dovecot, postfix), given.mails))
    figures = {"mails": len(times)} | {
        name: round(times[min(int(part * len(times)), len(times) - 1)], 3)
        for name, part in (("fastest", 0), ("median", 0.5), ("p95", 0.95), ("slowest", 1))
    }
    if given.json:
        print(json.dumps(figures))
    else:
        print("250 queued to the acknowledgement in the mailbox, seconds:")
        print("  ".join(f"{name} {value}" for name, value in figures.items()))
    return 0 if figures["p95"] <= 1.5 else 2


async def measure(street: Street, mails: int) -> list[float]:
    """Return the sorted waiting times of so many customers, after three that are not counted."""
    chance = random.Random(1)
    times = []
    async with street.desk.running() as daemon:
        await daemon.until(lambda: "1 channels up" in daemon.status())
        for n in range(mails + 3):
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            times.append((await street.ask(chance.choice(TEXTS).format(n=88_000_000 + n))).seconds)
        await daemon.told_to_end()
    return sorted(times[3:])


if __name__ == "__main__":
    sys.exit(main())
