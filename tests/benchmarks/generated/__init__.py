"""Footage with known edits, and scores of scripts against the truth."""
