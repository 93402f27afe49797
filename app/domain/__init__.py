"""Nouns and rules of drift monitoring. Pure: no clock, no network, no database."""
