"""Check that the API matches its OpenAPI schema, with a generated client and with schemathesis."""

import importlib
import os
import random
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests import footage
from tests.servers import wait_until
from tests.site import Site
from tests.vendors import vendors

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
BIN = Path(sys.executable).parent
ADMIN_TOKEN = "the token of the external worker"
PASSWORD = "correct horse battery"
SEED = 7

# Requests are many, and take long on a loaded machine.
pytestmark = pytest.mark.timeout(1800)


GENERATOR_SETTINGS = """
post_hooks: []
content_type_overrides:
  "*/*": application/octet-stream
  application/x-subrip: application/octet-stream
  text/vtt: application/octet-stream
  text/csv: application/octet-stream
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """Start a site with doubles of the providers and short streams."""
    with vendors() as doubles:
        var = tmp_path_factory.mktemp("schema") / "var"
        live = Site(var, ADMIN_TOKEN=ADMIN_TOKEN, STREAM_SECONDS="1", **doubles.settings).start()
        yield live
        live.stop()


@dataclass
class Generated:
    """A client generated from the schema alone."""

    site: Site
    token: str = ""

    def __call__(self, tag: str, name: str, /, **arguments: Any) -> Any:
        """Return the response of one operation. Raises AssertionError for an error."""
        client = self._module("client")
        kind = client.AuthenticatedClient if self.token else client.Client
        known = {"token": self.token} if self.token else {}
        connection = kind(base_url=self.site.address, raise_on_unexpected_status=True, **known)
        try:
            answer = self._module(f"api.{tag}.{name}").sync(client=connection, **arguments)
        except self._module("errors").UnexpectedStatus as error:
            raise AssertionError(f"{error}\n{self.site.output[-5000:]}") from error
        assert type(answer).__name__ not in {"Error", "Refused"}, answer
        return answer

    def body(self, shape: str, /, **arguments: Any) -> Any:
        return getattr(self._module("models"), shape)(**arguments)

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"generated.{name}")


@pytest.fixture(scope="module")
def api(site: Site, tmp_path_factory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("client")
    with urllib.request.urlopen(f"{site.address}/v2/schema/?format=json") as described:
        (folder / "schema.json").write_bytes(described.read())
    (folder / "settings.yml").write_text(GENERATOR_SETTINGS)
    options = ["--meta", "none", "--path", "schema.json", "--config", "settings.yml", "--output-path", "generated"]
    generated = subprocess.run(
        [BIN / "openapi-python-client", "generate", *options], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "warning" not in (generated.stdout + generated.stderr).lower(), generated.stdout  # no operation was skipped
    sys.path.insert(0, str(folder))
    yield Generated(site)
    sys.path.remove(str(folder))


@dataclass
class Result:
    """The JWT, the video, the comparison and the note of the generated client."""

    token: str
    video_id: str
    compared: Any
    note_id: str


@pytest.fixture(scope="module")
def result(api: Generated, tmp_path_factory) -> Result:
    """Register, upload two videos and compare them."""
    folder, film = tmp_path_factory.mktemp("films"), footage.pixels("bikes", 160, 90)[:40]
    footage.write(folder / "before.mp4", film, rate=20)
    footage.write(folder / "after.mp4", film[:20], rate=20)
    known = {"email": "alice@example.org", "password": PASSWORD}
    api("auth", "register", body=api.body("RegisterBody", name="Alice", **known))
    api.token = api("auth", "login", body=api.body("LoginBody", **known)).token
    videos = [_upload(api, folder / f"{name}.mp4") for name in ("before", "after")]
    wait_until(lambda: all(_status(api, one) == "ready" for one in videos), 120)
    sides = {"video_a": str(videos[0]), "video_b": str(videos[1])}
    comparison = api("comparisons", "create_comparison", body=api.body("ComparisonBody", **sides))
    wait_until(lambda: api("comparisons", "read_comparison", comparison_id=comparison.id).status == "completed", 120)
    compared = api("comparisons", "read_comparison", comparison_id=comparison.id)
    note = api(
        "notes", "create_note", video_id=str(videos[0]), body=api.body("NoteBody", timestamp="0:01", text="Here")
    )
    return Result(api.token, str(videos[0]), compared, str(note.id))


def _upload(api: Generated, path: Path) -> Any:
    started = api("uploads", "begin_upload", body=api.body("UploadBody", filename=path.name, size=path.stat().st_size))
    part = api("uploads", "part_url", upload_id=started.upload_id, number=1)
    etag = httpx.put(part.url, content=path.read_bytes()).raise_for_status().headers["etag"]
    parts = [api.body("PartBody", part_number=1, etag=etag)]
    complete = api.body("CompleteBody", parts=parts)
    return api("uploads", "complete_upload", upload_id=started.upload_id, body=complete).video_id


def _status(api: Generated, video_id: Any) -> str:
    return str(api("videos", "read_video", video_id=video_id).status.value)


def test_a_generated_client_registers_uploads_compares_and_reads_the_result(api, result):
    me = api("users", "read_me")

    assert me.email == "alice@example.org"
    assert result.compared.video_a.title == "before"
    assert [(one.op.value, one.a, one.b) for one in result.compared.segments] == [
        ("equal", [0.0, 1.0], [0.0, 1.0]),
        ("deleted", [1.0, 2.0], None),
    ]


def test_every_operation_conforms_to_the_schema(site, result, tmp_path):
    """Run all checks of schemathesis with a fixed seed and number of examples."""
    assert _run_schemathesis(site, result, tmp_path, ["--phases", "examples,fuzzing"]) > 400


def test_operations_conform_to_the_schema_at_the_limits_of_their_parameters(site, result, tmp_path):
    """Test every boundary of 16 operations, or of all of them if WHOLE_SCHEMA is set, which takes ten minutes."""
    schema = httpx.get(f"{site.address}/v2/schema/?format=json").raise_for_status().json()
    names = sorted(one["operationId"] for path in schema["paths"].values() for one in path.values())
    chosen = names if os.environ.get("WHOLE_SCHEMA") else random.Random(SEED).sample(names, 16)
    included = [word for name in chosen for word in ("--include-operation-id", name)]

    assert _run_schemathesis(site, result, tmp_path, ["--phases", "coverage", *included]) > 250


def _run_schemathesis(site: Site, result: Result, folder: Path, arguments: list[str]) -> int:
    """Check the responses of a running site and return the number of requests."""
    shutil.copy(CONFIGURATION, folder)
    environment = {
        **os.environ,
        "SAGE_JWT": result.token,
        "SAGE_ADMIN_TOKEN": ADMIN_TOKEN,
        "SAGE_VIDEO": result.video_id,
        "SAGE_COMPARISON": str(result.compared.id),
        "SAGE_NOTE": result.note_id,
    }
    run = subprocess.run(
        [BIN / "schemathesis", "run", f"{site.address}/v2/schema/?format=json", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )

    assert run.returncode == 0, run.stdout.partition("= WARNINGS =")[0][-8000:] + run.stderr
    assert "Traceback" not in site.output, site.output[site.output.index("Traceback") :][:5000]
    return int(re.search(r"(\d+) generated", run.stdout)[1])
