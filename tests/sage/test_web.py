"""The web server's own limits, on a live site."""

import http.client
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sage import web
from tests.site import Site
from tests.stage import ROOT

MB = 1024 * 1024
ELSEWHERE = "chrome-extension://abcdefgh"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("web") / "var", CORS_ALLOWED_ORIGINS=ELSEWHERE).start()
    yield made
    made.end()


PART = "/v2/uploads/5d0b0b62-2c0e-4f0a-8d7e-8b5f8e1f7a11/parts/3"


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("PUT", PART, 100 * MB),
        ("POST", "/library/upload/", 101 * MB),
        ("POST", PART, 2 * MB),
        ("PUT", PART + "/url", 2 * MB),
        ("POST", "/v2/videos", 101 * MB),
        ("POST", "/account/login/", 2 * MB),
        ("POST", "/library/upload/x", 2 * MB),
        ("GET", "/", 2 * MB),
    ],
)
def test_each_route_has_its_limit(method, path, limit):
    assert web.body_limit(method, path) == limit


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [("PUT", PART, 100 * MB + 1), ("POST", "/v2/uploads", 2 * MB + 1), ("POST", "/library/upload/", 200 * MB)],
)
def test_an_announced_body_that_is_too_large_is_refused_before_it_is_sent(site, method, path, size):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    connection.putrequest(method, path)
    connection.putheader("Content-Length", str(size))
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 413
    assert b"larger than the" in answer.read()


def test_the_api_refuses_in_its_one_shape(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    connection.request("POST", "/v2/uploads", b"x" * (3 * MB))

    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_listed_origin_can_read_that_refusal(site):
    for origin, told in ((ELSEWHERE, ELSEWHERE), ("https://evil.example", None)):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
        connection.request("POST", "/v2/uploads", b"x" * (3 * MB), headers={"Origin": origin})

        answer = connection.getresponse()

        assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (413, told)


def test_a_body_without_a_length_is_refused_at_the_byte_that_passes(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)

    connection.request(
        "POST", "/v2/uploads", iter([b"x" * MB] * 3), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )

    assert connection.getresponse().status == 413


def test_a_body_within_the_limit_reaches_the_site(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)

    connection.request("PUT", PART, b"x" * (10 * MB))

    assert connection.getresponse().status == 403  # no signature


def test_a_refused_client_does_not_hold_up_others(site):
    with socket.create_connection(("127.0.0.1", site.port)) as rude:
        rude.sendall(b"POST /v2/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
        time.sleep(0.2)

        assert site.get()[0] == 200


def test_a_slow_reader_fills_no_memory(site):
    """A film of 300 MB, of which the client takes a little at a time."""
    make = (
        "from accounts.models import User; from sage.storage import storage; from videos.models import Video\n"
        "path = storage.root / 'videos' / 'film'; path.parent.mkdir(parents=True, exist_ok=True)\n"
        "path.open('wb').truncate(300 * 1024 * 1024)\n"
        "owner = User.objects.system()\n"
        "print(Video.objects.create(owner=owner, title='film', filename='f.mp4', size=1, storage_key='videos/film').pk)"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", make]
    made = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True)
    [web_process] = [pid for pid, command in site.children().items() if "manage.py web" in command]
    before = resident(web_process)

    with socket.create_connection(("127.0.0.1", site.port)) as slow:
        slow.sendall(f"GET /v2/videos/{made.stdout.split()[-1]}/file HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        for _ in range(20):
            assert slow.recv(10_000)
            time.sleep(0.05)
        grown = resident(web_process) - before

    assert grown < 40 * MB


def test_a_large_form_fills_no_memory(site):
    [web_process] = [pid for pid, command in site.children().items() if "manage.py web" in command]
    before = resident(web_process)
    peak = []
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
    size = 90 * MB
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.putrequest("POST", "/library/upload/")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(len(head) + size + 7))
    connection.endheaders()
    connection.send(head)
    for _ in range(90):
        connection.send(bytes(MB))
        peak.append(resident(web_process))
    connection.send(b"\r\n--x--")

    assert connection.getresponse().status in {302, 403}  # nobody is signed in
    peak.append(resident(web_process))
    assert max(peak) - before < 40 * MB


def resident(pid):
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def test_no_header_of_a_visitor_bends_the_addresses_that_pages_and_mails_name(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    connection.request("GET", "/account/login/", headers={"Daphne-Root-Path": "https://evil.example"})

    answer = connection.getresponse()

    assert answer.status == 200
    assert b"evil" not in answer.read()
