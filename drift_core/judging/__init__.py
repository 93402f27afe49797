"""From counts to verdicts, all features and windows at once."""
