"""What every process that studies needs, in memory once this is imported: for the server that they are forked from."""

from triage import students
from triage.classifier import predict
from triage.rules import reading

__all__ = ["predict", "students"]

reading.warm_up()
