from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.rules.money import find
from triage.rules.references import find_references
from triage.rules.worth import STEPS, WORTHS, claimed


@pytest.mark.parametrize(
    ("said", "dollars"),
    [
        ("my 99 USDT are stuck", 0),
        ("my 100 USDT are stuck", 100),
        ("my 9,999.99 USDT are stuck", 1_000),
        ("0.5 BTC has not arrived", 10_000),
        ("1.5万U没到账", 10_000),
        ("$10k is gone, and a fee of 3 USDT with it", 10_000),
        ("give me my 1000000000000000000000000 USD", 100_000),
        ("5 million PEPE", 0),
        ("5 billion PEPE", 10_000),
        ("no sum at all", 0),
    ],
)
def test_a_sum_counts_by_powers_of_ten_and_never_for_more_than_the_last(said, dollars):
    assert claimed(find_references(said).amounts, WORTHS) == dollars


def test_a_worth_that_is_wrong_by_a_tenth_moves_only_sums_beside_a_step():
    sums = [f"{n} BTC" for n in ("0.02", "0.05", "0.2", "0.5", "2")]
    assert [claimed([s], {"BTC": 90_000}) for s in sums] == [claimed([s], {"BTC": 110_000}) for s in sums]


def test_what_no_worth_is_known_of_counts_for_nothing():
    assert claimed(["700000 USDT"], {"USDT": 0}) == claimed(["700000 XYZ"], WORTHS) == 0


def test_every_coin_and_currency_that_is_read_has_a_worth():
    from triage.rules import money

    assert {*money._CURRENCY.values(), *money._COIN.values()} == set(WORTHS)


@given(st.decimals(0, 10**24, places=8), st.sampled_from(sorted(WORTHS)))
def test_any_amount_that_is_read_reaches_a_step_or_none(number, unit):
    reached = claimed(find(f"{number:f} {unit}").amounts, WORTHS)
    assert reached in (0, *STEPS)
    assert reached <= Decimal(number) * Decimal(WORTHS[unit])


@given(st.text("0123456789.,kmKM万億千 $€UuBTC", max_size=40))
def test_no_way_to_write_a_number_is_too_much(text):
    assert claimed(find(text).amounts, WORTHS) in (0, *STEPS)
