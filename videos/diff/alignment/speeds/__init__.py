"""Speeds: of the whole, ramps within it, and what the script says of them."""
