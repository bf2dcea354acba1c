"""Measure answers: how fast they reach their readers, what a reader costs, and whether their citations are right."""
