"""Notes on comparisons, and the comments of visitors of their share links."""
