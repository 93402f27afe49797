"""The detector scorecard: how often drift is called when there is none, and when there is some.

``python -m benchmarks.scorecard`` writes the table and the picture of docs/scorecard.md.
"""
