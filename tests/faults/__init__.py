"""Fault injection: real processes are killed, run out of resources and get malformed files, and no data may be lost.

`make faults` runs all scenarios completely. `make test` runs a seeded slice of them (`test_slice.py`). A scenario is a
module of `scenarios`: its docstring states the claim, and its function `run` tests it.
"""
