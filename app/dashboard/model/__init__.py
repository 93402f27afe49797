"""One model: what is wrong, in which features, since when, what changed, what was done."""
