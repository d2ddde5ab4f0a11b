"""Links to explorers, and which texts are near each other."""

import pytest

from triage.case import References
from triage.rules.explorers import links
from triage.rules.nearest import nearness
from triage.rules.references import find_references

HASH = "9f" * 32


@pytest.mark.parametrize(
    ("said", "urls"),
    [
        (f"USDT on TRC20, txid {HASH}", [f"https://tronscan.org/#/transaction/{HASH}"]),
        (f"my BTC, {HASH}", [f"https://mempool.space/tx/{HASH}"]),
        (f"sent by bep20: 0x{HASH}", [f"https://bscscan.com/tx/0x{HASH}"]),
        ("to TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", ["https://tronscan.org/#/address/TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"]),
        ("0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae on Polygon",
         ["https://polygonscan.com/address/0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae"]),
        ("it was 5 BTC", []),
    ],
)  # fmt: skip
def test_what_a_text_names_leads_to_the_explorer_of_its_chain(said, urls):
    assert [link.url for link in links(find_references(said))] == urls


def test_a_transaction_of_no_named_chain_is_offered_on_the_likeliest():
    found = links(References(transactions=(HASH,)))
    assert [link.chain for link in found] == ["Ethereum", "TRON", "Bitcoin"]


def test_words_that_everybody_writes_make_nobody_near():
    others = ["hello my deposit is late", "hello my deposit of DOGE is stuck on the bridge", "hello, please help"]
    near = nearness("hello, the bridge holds my DOGE", others)
    assert max(near) == near[1]
    assert near[1] > 2 * near[0]
    same, other = nearness("我的提币没有到账", ["提币两天没到账", "密码忘了"])
    assert same > 0.2 > other
