import subprocess
import sys


def test_the_web_loads_nothing_that_measures_pictures_or_writes_timelines():
    asked = "import sys, sage.asgi; print(*{'av', 'numpy', 'opentimelineio', 'pysubs2', 'pytest'} & set(sys.modules))"

    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", asked], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == []
