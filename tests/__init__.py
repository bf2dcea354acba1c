"""Tests of everything, by the tree that they are tests of."""

import os

# As the sandbox sets it. Where processes already share the cores, threads of linear algebra only wait for each other;
# several times longer than the work takes. NumPy reads this once, so it stands before every import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
