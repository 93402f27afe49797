"""The false-alarm budget across time: which looks are worth a page."""
