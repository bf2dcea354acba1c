"""Tests of single frames that one side dropped, doubled or swapped."""
