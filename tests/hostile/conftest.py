"""Hostile input goes the whole way, on both databases."""

from hostility import *  # noqa: F403
