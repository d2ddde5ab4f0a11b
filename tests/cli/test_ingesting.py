"""An import of many files: other processes study them, and whatever becomes of those, it goes on."""

import pytest
from builders import a_message

from triage import settings
from triage.classifier.urgency import RulesOnly
from triage.cli.studying import students, studied_in_order


@pytest.mark.slow
def test_an_import_goes_on_when_the_processes_beside_it_die(home):
    chunks = [(a_message(external_id=str(number)),) for number in range(60)]
    with students(settings.load(home / "triage.toml"), RulesOnly()) as those:
        those.wait()
        outcomes = studied_in_order(those, chunks)
        next(outcomes)
        for process in list(those._pool._processes.values()):
            process.kill()
            process.join()
        rest = list(outcomes)
    assert [chunk for chunk, _ in rest] == chunks[1:]
    assert rest[-1][1] is None
