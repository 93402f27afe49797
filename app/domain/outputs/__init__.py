"""Figures of what a model puts out: the positive rate, and how confident its scores are."""
