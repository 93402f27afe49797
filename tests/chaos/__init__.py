"""The chaos rig: real processes, faults drawn from a seed, an oracle that knows what was sent."""
