"""What every process that studies needs, in memory once this is imported: for the server that they are forked from."""

from triage.classifier import predict
from triage.cli import studying
from triage.rules import reading

__all__ = ["predict", "studying"]

reading.warm_up()
