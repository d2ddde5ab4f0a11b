"""Triage: every message customers write to a support desk, as one ranked list of cases."""
