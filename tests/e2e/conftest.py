"""End to end: the real daemon with its real connectors; only the far sides are ours."""

from stores import *  # noqa: F403
