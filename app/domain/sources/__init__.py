"""Where rows come from by themselves: objects in stores, hints of new ones, heartbeats."""
