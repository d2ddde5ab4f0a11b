"""What every process that studies in the semantic profile needs beside `learned`, for the same server: the encoder."""

from contextlib import suppress

from triage.classifier import semantic
from triage.errors import ModelUnusable

# Whoever asks for it is told why it cannot be used.
with suppress(ModelUnusable):
    semantic.encoder()
