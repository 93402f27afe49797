"""References: what a version's rows are held against, and what makes two of them the same."""
