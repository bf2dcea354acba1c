"""Hold one module for each agent. A module with an `AGENT` adds it to the site."""
