"""Rows as they come: columns, values, times and ids read strictly, and what of them is refused."""
