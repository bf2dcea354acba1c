import subprocess
import sys


def test_the_web_process_imports_no_media_libraries():
    code = "import sys, sage.asgi; print(*{'av', 'numpy', 'opentimelineio', 'pysubs2', 'pytest'} & set(sys.modules))"

    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == []
