"""Case numbers cannot be made up, and survive how people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.rules.case_number import case_id_of, case_number, find

KEY = b"0123456789abcdef0123456789abcdef"
NUMBER = case_number(123_456, KEY)
IDS = st.integers(1, 2**40)


@given(IDS)
def test_every_number_leads_back_to_its_case(case_id):
    assert case_id_of(case_number(case_id, KEY), [KEY]) == case_id


@given(IDS, st.sampled_from(["{}", "[{}]", "case {}.", "Re: #{}: help", "工单{}怎么样了", "({})"]))
def test_every_number_is_found_in_a_text(case_id, text):
    number = case_number(case_id, KEY)
    assert find(text.format(number)) == (number,)


def test_a_hash_without_a_good_code_is_hashed_again():
    number = case_number(526_693_866, KEY)
    assert find(number) == (number,)


@pytest.mark.parametrize(
    "written",
    [
        NUMBER.lower(),
        NUMBER.replace("-", " "),
        NUMBER.replace("-", ""),
        NUMBER.replace("-", "—"),
        NUMBER.replace("-", " - "),
        NUMBER.replace("0", "o").replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) for c in NUMBER),
        NUMBER.translate(str.maketrans("ABCEHKMTX", "АВСЕНКМТХ")),
        NUMBER.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        "\u2066" + NUMBER[:5] + "\u200b" + NUMBER[5:] + "\u2069",
    ],
)
def test_a_number_is_known_however_it_is_written(written):
    assert find(f"any news on {written}?") == (NUMBER,)
    assert case_id_of(written, [KEY]) == 123_456


@pytest.mark.parametrize(
    "sentence",
    [
        "我的工单号是{}，请问处理了吗",
        "какой статус по заявке №{}?",
        "حالة القضية {} من فضلك",
        "番号は{}です",
        "¿Y mi caso ({})?",
    ],
)
@given(IDS)
def test_a_number_is_found_in_a_sentence_of_any_language(sentence, case_id):
    number = case_number(case_id, KEY)
    for written in (number, number.lower(), "".join(chr(ord(c) + 0xFEE0) for c in number)):
        assert find(sentence.format(written)) == (number,)


@given(IDS, st.integers(0, 7), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_number_with_one_wrong_character_leads_nowhere(case_id, place, char):
    number = case_number(case_id, KEY)
    start, code = number.split("-")
    forged = f"{start}-{code[:place]}{char}{code[place + 1 :]}"
    assert case_id_of(forged, [KEY]) == (case_id if forged == number else None)


def test_the_code_of_one_case_does_not_open_another():
    start, _ = case_number(124, KEY).split("-")
    _, code = case_number(125, KEY).split("-")
    assert case_id_of(f"{start}-{code}", [KEY]) is None


def test_a_number_made_with_the_key_before_still_works():
    assert case_id_of(NUMBER, [b"the new key", KEY]) == 123_456
    assert case_id_of(NUMBER, [b"the new key"]) is None
    assert case_id_of(NUMBER, []) is None


@pytest.mark.parametrize("text", ["", "-", "T7K-4Q2M9XRC", "x" * 1000, "000-00000000", "UUU-UUUUUUUU", "٣٣٣-٣٣٣٣٣٣٣٣"])
def test_what_is_no_number_of_ours_leads_nowhere(text):
    assert case_id_of(text, [KEY]) is None


def test_a_number_somebody_made_up_is_still_seen_as_a_claim():
    assert find("your agent gave me case T7K-4Q2M9XRC") == ("T7K-4Q2M9XRC",)


@pytest.mark.parametrize(
    "text",
    [
        "the deadline was non-existing and self-service failed",
        "call me at 555-12345678 or +49 170 12345678",
        "on 2026-11-02 I sent 1000.50 USDT, order 20261102-12345678",
        "123e4567-e89b-12d3-a456-426614174000",
        "https://example.com/case/abc-4q2m9xrc?ref=abc-4q2m9xrc",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE",
        "iPhone 15 Pro Max, Android 14, version 7.30.2",
        "ACCOUNT-RECOVERY and PASS-PHRASES",
    ],
)
def test_ordinary_text_claims_no_number(text):
    assert find(text) == ()


def test_no_number_without_case_or_key():
    with pytest.raises(ValueError, match="key"):
        case_number(0, KEY)
    with pytest.raises(ValueError, match="key"):
        case_number(1, b"")
