"""Hold the work of the agents. Only workers import these modules."""
