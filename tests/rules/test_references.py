"""What a text names exactly."""

import pytest
from effort import bounded

from triage.rules.case_number import case_number
from triage.rules.references import find_references

ETH = "0x52908400098527886E0F7030069857D2E4169EE7"
TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
TAPROOT = "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
XRP = "rDsbeomae4FXwgQTJp9Rs64Qg9vDiTCdBv"
TON = "EQDtFpEwcFAEcRe5mLVh2N6C0x-_hJEM7W61_JLnSF74p4q2"
SOLANA = "4Nd1mYvRk3Wn1sJrcT4B9xUpCwyk7yxkq6n3r1oJ4w1t"
SIGNATURE = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW"
HASH = "88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe047944d5a"


@pytest.mark.parametrize("address", [ETH, ETH.lower(), TRON, BTC, SEGWIT, SEGWIT.upper(), TAPROOT, XRP, TON])
@pytest.mark.parametrize("text", ["to {}.", "我转到{}了", "https://scan.example/address/{}?x=1", "({})"])
def test_an_address_is_found(address, text):
    assert find_references(text.format(address)).addresses == (address,)


@pytest.mark.parametrize("address", [TRON, BTC, SEGWIT, TAPROOT, XRP, TON])
def test_an_address_with_one_wrong_character_is_none(address):
    wrong = address[:-2] + ("3" if address[-2] != "3" else "4") + address[-1]
    assert find_references(f"to {wrong}").addresses == ()


@pytest.mark.parametrize(
    "address",
    [  # the examples of EIP-55
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_an_ethereum_address_in_both_cases_keeps_its_checksum(address):
    assert find_references(f"to {address}").addresses == (address,)


@pytest.mark.parametrize("at", [5, 11, 40])
def test_an_ethereum_address_with_one_letter_in_the_wrong_case_is_none(at):
    right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert right[at].isalpha()
    assert find_references(f"to {right[:at]}{right[at].swapcase()}{right[at + 1 :]}").addresses == ()


def test_taproot_needs_the_newer_checksum():
    # BIP 350: a version 1 address with the checksum of version 0.
    assert find_references("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd").addresses == ()


def test_a_solana_address_is_taken_only_where_solana_is_spoken_of():
    assert find_references(f"my solana wallet {SOLANA}").addresses == (SOLANA,)
    assert find_references(f"my code {SOLANA}").addresses == ()


@pytest.mark.parametrize("text", [HASH, f"0x{HASH}", HASH.upper(), f"https://scan.example/tx/{HASH}", f"哈希{HASH}。"])
def test_a_transaction_id_is_found_in_one_spelling(text):
    assert find_references(text).transactions == (HASH,)


def test_a_solana_signature_is_a_transaction():
    assert find_references(f"tx {SIGNATURE}").transactions == (SIGNATURE,)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("I sent 1,000.50 USDT", ("1000.50 USDT",)),
        ("envié 1.000,5 euros", ("1000.5 EUR",)),
        ("我转了700u和0.5个ETH", ("700 USDT", "0.5 ETH")),
        ("提现３００ＵＳＤＴ没到账", ("300 USDT",)),
        ("充值500元", ("500 CNY",)),
        ("$20 and 5 sol", ("20 USD", "5 SOL")),
        ("USDT 700", ("700 USDT",)),
        ("$10k is gone, 10 k USDT, 2kUSDT", ("10000 USD", "10000 USDT", "2000 USDT")),
        ("$1 billion, 3 tỷ VND, 5 billing errors USDT, $5 billed", ("1000000000 USD", "3000000000 VND", "5 USD")),
        ("1.5万U没到账，还有2万元和1百万韩元", ("15000 USDT", "20000 CNY")),
        (
            "100万円、1,5 млн руб, 50 mil dólares, 2 millones de euros",
            ("1000000 JPY", "1500000 RUB", "50000 USD", "2000000 EUR"),
        ),
        ("5 mBTC, 10 kg, $10 min ago, 2 opções, 3 soluções", ("10 USD",)),
        ("35.655206USDT is gone", ("35.655206 USDT",)),
        ("12,000 USDC", ("12000 USDC",)),
        ("3 days, 2 phones, version 7.2.1", ()),
        ("2026-11-02 10:00", ()),
    ],
)
def test_amounts_have_one_spelling(text, amounts):
    assert find_references(text).amounts == amounts


def test_coins_and_networks_have_one_name():
    found = find_references("sent USDT over trc-20, not ERC20; 比特币 也没到")
    assert found.coins == ("USDT", "BTC")
    assert found.networks == ("TRON", "Ethereum")


def test_small_words_are_no_coins():
    assert find_references("el sol brilla near the dot").coins == ()


def test_mail_addresses_are_in_lower_case():
    assert find_references("write to Ana.B+x@Example.org.").emails == ("ana.b+x@example.org",)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("order 12345678", ("12345678",)),
        ("Order No.: AB-123456", ("AB-123456",)),
        ("订单号：20261102123456", ("20261102123456",)),
        ("pedido número 987654", ("987654",)),
        ("#123456 please", ("123456",)),
        ("call 4930123456", ()),
        (f"transaction {HASH}", ()),
    ],
)
def test_order_numbers_need_a_word_before_them(text, orders):
    assert find_references(text).orders == orders


def test_an_order_number_on_a_line_of_its_own_does_not_take_the_line_before_with_it():
    assert find_references("My order\n12345678").orders == ("12345678",)


def test_our_own_case_number_is_no_order():
    number = case_number(7, b"key")
    found = find_references(f"case {number}")
    assert (found.case_numbers, found.orders) == ((number,), ())


def test_each_is_named_once_and_in_order():
    assert find_references(f"{BTC} {TRON} {BTC}").addresses == (BTC, TRON)


HOSTILE = {
    "digits": "1" * 100_000,
    "points": "1.," * 33_000,
    "at": "a@" * 50_000,
    "addresses": f"{BTC} " * 600,
    "signatures": f"{SIGNATURE} " * 250,
    "hashes": "#1" * 50_000,
    "mixed": "a1" * 50_000,
    "labels": "order no. " * 10_000,
    "mails": "a." * 50_000,
    "money": "US$1 " * 20_000,
    "han": "元1" * 50_000,
    "segwit": ("bc1q" + "q" * 60 + " ") * 300,
    "numbers": "T7K-4Q2M9XRC " * 7_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_takes_bounded_time(what):
    with bounded(seconds=2):
        find_references(HOSTILE[what])
