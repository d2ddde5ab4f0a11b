"""Quoted replies of many mail programs and languages; the cases are in tests/data/quoted."""

import importlib.util
import json
from pathlib import Path

import pytest
from builders import a_message

from triage.rules.text import visible_text

ROOT = Path(__file__).parents[2]
CASES = [json.loads(line) for line in (ROOT / "tests/data/quoted/cases.jsonl").read_text().splitlines()]
PROBE = ROOT / "../shared/probes/quoted_replies.py"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_customers_words_stay_and_the_quoted_ones_go(case):
    said = visible_text(a_message(case["text"], subject=case.get("subject", "")))
    assert [word for word in case["keep"] if word not in said] == []
    assert [word for word in case["drop"] if word in said] == []


def test_all_cases_of_the_probe_pass():
    if not PROBE.exists():
        pytest.skip("the probe with 43 quoted replies is not here")
    spec = importlib.util.spec_from_file_location("quoted_replies", PROBE)
    assert spec is not None
    assert spec.loader is not None
    probe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(probe)
    failed = []
    for name, _language, text, keep, drop in probe.C:
        said = visible_text(a_message(text))
        if not all(word in said for word in keep) or any(word in said for word in drop):
            failed.append(name)
    assert (len(probe.C), failed) == (43, [])
