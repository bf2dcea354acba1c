"""The tests. The folders mirror the packages of the product."""

import os

# As in the sandbox: with one process per core, threads of linear algebra compete for the cores and are several times
# slower. NumPy reads this variable when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
