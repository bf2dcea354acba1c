"""Sage: self-hosted video comparison, annotation and search."""

__version__ = "0.1.0"
