"""Pages for people, rendered here: what is wrong, since when, what changed, what was done."""
