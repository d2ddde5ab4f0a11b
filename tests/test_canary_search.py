"""The search for what must not be written finds it in every form, and does not take chance for it."""

from base64 import b64encode

import pytest
from canaries import Canaries, Search


@pytest.mark.parametrize("before", [b"", b"a", b"is", b"is "])
@pytest.mark.parametrize("after", [b"", b".", b"\r\n", b" it"])
def test_a_code_in_base64_is_found_wherever_its_groups_begin(before, after):
    canaries = Canaries(seed=8)
    text = canaries.code("mail").removeprefix("my verification code is ").encode()
    assert canaries.found_in({"log": b"x=" + b64encode(before + text + after)}) == {("mail", "log"): [text.decode()]}


def test_no_form_is_so_short_that_a_log_full_of_noise_holds_it():
    assert min(map(len, Search({"12345678": "mail"})._forms)) >= 8
