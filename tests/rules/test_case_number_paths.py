"""One function looks case numbers up, whatever way they come in: every path finds the case and none another's."""

import re
from pathlib import Path

import pytest
from builders import a_message
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.rules import case_number
from triage.rules.automatic import Own
from triage.rules.commands import command_of
from triage.rules.reading import read

ROOT = Path(__file__).parents[2]
KEY = b"0123456789abcdef0123456789abcdef"
IDS = st.integers(1, 2**40)
FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(0x21, 0x7F))}
WRITTEN = {
    "as it is": str,
    "lower case": str.lower,
    "full width": lambda n: n.translate(FULL_WIDTH),
    "full width, lower case": lambda n: n.lower().translate(FULL_WIDTH),
    "Arabic digits": lambda n: n.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "Persian digits": lambda n: n.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
    "Devanagari digits": lambda n: n.translate(str.maketrans("0123456789", "०१२३४५६७८९")),
    "Cyrillic look-alikes": lambda n: n.translate(str.maketrans("ABCEHKMTX", "АВСЕНКМТХ")),
    "Greek look-alikes": lambda n: n.translate(str.maketrans("ABEHKMTX", "ΑΒΕΗΚΜΤΧ")),
    "O and l for 0 and 1": lambda n: n.replace("0", "O").replace("1", "l"),
    "zero width": "\u200b".join,
    "bidi marks": lambda n: f"\u2067{n}\u2069",
    "soft hyphen": lambda n: n[:4] + "\u00ad" + n[4:],
    "long dash": lambda n: n.replace("-", "—"),
    "minus": lambda n: n.replace("-", "\u2212"),
    "blanks around the dash": lambda n: n.replace("-", " - "),
    "no dash": lambda n: n.replace("-", ""),
}
SENTENCES = [
    "{}", "my case is {}, please", "[{}]", "#{}",
    "№{}", "№ {}", "工单号{}，请问", "我的工单是{}吗",
    "番号は{}です", "접수번호 {}입니다", "по заявке {} нет ответа", "حالة {} من فضلك",
    "¿Y el caso {}?", "Fall {}!", "mã {} của tôi", "({})\n--\nAda",
]  # fmt: skip


def paths(written, sentence):
    """What each way in makes of a number: text, subject, answer to us, and the look-up by itself."""
    text = sentence.format(written)
    yield "text", read(a_message(text), own=Own()).references.case_numbers
    yield "subject", read(a_message("It says failed now.", subject=text), own=Own()).references.case_numbers
    answer = a_message("It says failed now.", subject=f"Re: {text}", refers_to=("<1@wallet.example>",))
    yield "subject of an answer", read(answer, own=Own()).references.case_numbers
    yield "chat", read(a_message(text, kind="telegram"), own=Own()).references.case_numbers
    yield "typed by an agent", (written,)


@settings(deadline=None, max_examples=400)
@given(how=st.sampled_from(list(WRITTEN)), sentence=st.sampled_from(SENTENCES), case_id=IDS)
def test_every_path_finds_the_case_however_its_number_is_written(how, sentence, case_id):
    for path, claimed in paths(WRITTEN[how](case_number.case_number(case_id, KEY)), sentence):
        found = {case_number.case_id_of(number, [KEY]) for number in claimed} - {None}
        assert found == {case_id}, (path, claimed)


@settings(deadline=None, max_examples=200)
@given(
    how=st.sampled_from(list(WRITTEN)),
    case_id=IDS,
    place=st.integers(0, 20),
    char=st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
)
def test_no_path_finds_a_case_by_a_mistyped_number(how, case_id, place, char):
    number = case_number.case_number(case_id, KEY)
    place %= len(number)
    mistyped = number[:place] + char + number[place + 1 :]
    if mistyped == number or number[place] == "-":
        return
    for path, claimed in paths(WRITTEN[how](mistyped), "my case is {}, please"):
        assert {case_number.case_id_of(one, [KEY]) for one in claimed} <= {None}, (path, claimed)


@pytest.mark.parametrize("how", WRITTEN)
def test_a_number_alone_asks_for_the_state_however_it_is_written(how):
    message = a_message(WRITTEN[how](case_number.case_number(165, KEY)))
    assert command_of(message, read(message, own=Own()), numbered=True) == "status"


def test_nothing_but_that_function_turns_a_number_into_a_case():
    asked = re.compile(r"\bnumber\s*==|\.number ==|cases\.c\.number\b")
    asking = {"triage/store/cases.py", "triage/store/lists.py", "triage/store/searching.py"}
    # They return it, and are asked by the case's id.
    telling = {"triage/store/solved.py", "triage/store/events.py", "triage/store/unsent.py"}
    allowed = asking | telling
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "triage").rglob("*.py") if asked.search(path.read_text())}
    assert found <= allowed
