"""Measure agents: on the local engine, at the start of the site, and many runs at once."""
