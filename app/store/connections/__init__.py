"""Engines from URLs, the schema brought up to date, and what a database's errors mean."""
