"""How much money a customer speaks of, as an order of magnitude: what coins and currencies are worth, roughly.

There is no feed of prices, and none is needed: a claimed sum counts by powers of ten only, so a price may be wrong by
half without moving a case. Whoever deals in other coins, or after a fall of the market, sets them (`[targets.worths]`).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

WORTHS: Mapping[str, float] = {
    "USD": 1, "EUR": 1.1, "GBP": 1.3, "CNY": 0.14, "JPY": 0.007, "KRW": 0.0007, "RUB": 0.012, "BRL": 0.18,
    "MXN": 0.055, "ARS": 0.0007, "TRY": 0.025, "VND": 0.00004, "IDR": 0.00006, "INR": 0.012,
    "USDT": 1, "USDC": 1, "DAI": 1, "BUSD": 1, "FDUSD": 1,
    "BTC": 100_000, "ETH": 3_000, "BNB": 800, "SOL": 150, "XRP": 2, "TRX": 0.3, "DOGE": 0.15, "LTC": 90, "ADA": 0.5,
    "MATIC": 0.2, "POL": 0.2, "TON": 2, "DOT": 3, "AVAX": 20, "LINK": 15, "BCH": 500, "ETC": 15, "XLM": 0.3,
    "XMR": 300, "ATOM": 3, "NEAR": 2, "APT": 3, "SUI": 2, "ARB": 0.3, "OP": 0.4, "FIL": 2, "UNI": 6, "AAVE": 200,
    "EOS": 0.5, "SHIB": 0.00001, "PEPE": 0.000005,
}  # fmt: skip
"""What one of each is worth in US dollars, roughly, in 2026."""

STEPS = (100, 1_000, 10_000, 100_000)
"""Dollars from which a sum counts, and counts for more. The last is the most: who writes "a billion" gains nothing."""


def claimed(amounts: Iterable[str], worths: Mapping[str, float]) -> int:
    """Return which of `STEPS`, in dollars, the largest of `amounts` ("0.5 BTC") reaches; 0 for none.

    What no worth is known of counts for nothing: nobody's case is moved by a number that we cannot read.

    >>> claimed(["40 USDT", "0.5 BTC"], {"USDT": 1, "BTC": 100_000})
    10000
    """
    return max((_step(amount, worths) for amount in amounts), default=0)


def _step(amount: str, worths: Mapping[str, float]) -> int:
    number, _, unit = amount.partition(" ")
    dollars = Decimal(number) * Decimal(worths.get(unit, 0))
    return max((step for step in STEPS if step <= dollars), default=0)
