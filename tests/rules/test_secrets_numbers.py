"""Numbers that are secrets by what stands around them: hexadecimal keys, cards, IBANs, one-time codes."""

import hashlib

import pytest

from triage.rules.secrets import redact

HEX = hashlib.sha256(b"a test key").hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "my private key is {}",
        "Private key: 0x{}",
        "pk={}",
        "私钥：{}",
        "clave privada {}",
        "{} <- this is my private key",
        "the transaction failed. my private key: {}",
        "プライベートキー {}",
    ],
)
def test_64_hex_digits_that_are_called_a_key_are_replaced(text):
    assert redact(text.format(HEX)).kinds == ("private key",)


@pytest.mark.parametrize(
    "text",
    [
        "txid {}",
        "https://etherscan.io/tx/0x{}",
        "交易哈希 {}",
        "hash: {}",
        "I never gave away my private key. The transaction is {}",
        "where is my deposit? {}",
    ],
)
def test_64_hex_digits_that_are_a_transaction_stay(text):
    assert redact(text.format(HEX)).text == text.format(HEX)


@pytest.mark.parametrize("text", ["{}", "look at this: 0x{}", "my txid is {} lol it is my private key"])
def test_of_64_hex_digits_that_may_be_a_key_the_middle_is_hidden(text):
    redacted = redact(text.format(HEX))
    assert redacted.text == text.format(f"{HEX[:8]}…{HEX[-8:]}").replace("0x", "")
    assert redacted.kinds == ("possible key",)


ONE = f"{1:064x}"  # the private key 1, whose addresses are in every documentation


@pytest.mark.parametrize(
    "address",
    [
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
        "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm",
        "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
        "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC",
    ],
)
def test_an_address_that_64_hex_digits_make_proves_them_a_key_whatever_they_are_called(address):
    assert redact(f"txid {ONE} to {address}").text == f"txid [private key removed] to {address}"
    assert redact(f"txid {HEX} to {address}").kinds == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("pay with 4111 1111 1111 1111 ok", "pay with [card number removed, ends 1111] ok"),
        ("card:5500-0055-5555-5559.", "card:[card number removed, ends 5559]."),
        ("3782 822463 10005", "[card number removed, ends 0005]"),
        ("卡号6222021234567890128", "卡号[card number removed, ends 0128]"),
        ("DE89 3704 0044 0532 0130 00 bitte", "[IBAN removed, ends 3000] bitte"),
        ("IBAN GB82WEST12345698765432", "IBAN [IBAN removed, ends 5432]"),
        ("my card 4111.1111.1111.1111.", "my card [card number removed, ends 1111]."),
        ("card 4111/1111/1111/1111", "card [card number removed, ends 1111]"),
        ("4111–1111–1111–1111 ok", "[card number removed, ends 1111] ok"),
        ("iban de89 3704 0044 0532 0130 00 danke", "iban [IBAN removed, ends 3000] danke"),
        ("gb82-west-1234-5698-7654-32", "[IBAN removed, ends 5432]"),
        ("DE89.3704.0044.0532.0130.00.", "[IBAN removed, ends 3000]."),
    ],
)
def test_of_a_card_number_or_an_iban_the_last_four_stay(text, left):
    assert redact(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "order 4111111111111111",
        "订单号：4111111111111111",
        "DE89 3704 0044 0532 0130 01",
        "XX89 3704 0044 0532 0130 00",
    ],
)
def test_other_long_numbers_are_no_cards(text):
    assert redact(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "my verification code is 123456",
        "OTP: 1234",
        "短信验证码是 483920",
        "验证码：483920",
        "código de verificación: 123 456",
        "the Google Authenticator code 123456 does not work",
        "認証コード 123456",
        "483920 is your Google verification code",
        "【Triage】483920是您的验证码，请勿泄露",
    ],
)
def test_a_one_time_code_is_replaced(text):
    redacted = redact(text)
    assert redacted.kinds == ("one-time code",)
    assert not any(char.isdigit() for char in redacted.text)


@pytest.mark.parametrize(
    "text",
    [
        "error code 404123",
        "order 123456",
        "I never got the verification code, it is 3 days now",
        "zip code 94107",
        "我没收到验证码，订单号 20261102",
        "验证码收不到 手机尾号 4839",
        "483920 is your ticket, the verification code never came",
    ],
)
def test_other_numbers_stay(text):
    assert redact(text).text == text
