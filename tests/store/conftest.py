"""The store's tests run on both databases."""

from stores import *  # noqa: F403
