"""The pipeline's tests run on both databases."""

from rooms import *  # noqa: F403
