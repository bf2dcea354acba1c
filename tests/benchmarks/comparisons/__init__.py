"""Benchmarks of the comparison engine on edits that are generated."""
