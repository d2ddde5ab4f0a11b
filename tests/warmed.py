"""What a judge looks for in the languages of a short life, in memory once this is imported: for `lives`."""

from triage.case import Reading
from triage.classifier import predict
from triage.settings import shipped

_judge = predict.current(shipped("models"))
for _language in ("en", "zh-Hans", "es"):
    _judge.judge([Reading(text="This is the first letter, and nobody waits for it.", language=_language)])
