"""What must not be lost, tried by breaking things: real processes, killed, starved and lied to.

`make torture` runs all trials in whole; `make test` runs a seeded slice of them (`test_slice.py`). A trial is one
module of `trials`, whose docstring says what it claims and whose `run(trial)` tries it.
"""
