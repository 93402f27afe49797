"""From rows to counts: integers by feature, cell and pane; nothing is judged here."""
