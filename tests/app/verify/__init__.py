"""Tests of making verdicts again."""
