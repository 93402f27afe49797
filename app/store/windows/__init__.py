"""Windows: opened, claimed, judged, revised; and the verdicts that were given."""
