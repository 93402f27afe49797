"""Retrainings: when one is asked for, its states, and the runs that answer."""
