"""From counts and a baseline to a verdict that anybody can make again."""
