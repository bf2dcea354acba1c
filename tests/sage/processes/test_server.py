"""The limits of the web server, on a running site."""

import http.client
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sage.limits.body_sizes import max_body_bytes
from tests.servers import ROOT
from tests.site import Site

MB = 1024 * 1024
OTHER_ORIGIN = "chrome-extension://abcdefgh"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    created = Site(tmp_path_factory.mktemp("web") / "var", CORS_ALLOWED_ORIGINS=OTHER_ORIGIN).start()
    yield created
    created.stop()


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
def test_each_route_has_its_body_limit(method, path, limit):
    assert max_body_bytes(method, path) == limit


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [("PUT", PART, 100 * MB + 1), ("POST", "/v2/uploads", 2 * MB + 1), ("POST", "/library/upload/", 200 * MB)],
)
def test_a_large_content_length_is_refused_before_the_body_is_sent(site, method, path, size):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.putrequest(method, path)
    connection.putheader("Content-Length", str(size))
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 413
    assert b"larger than the" in answer.read()


def test_the_api_refuses_a_large_body_with_the_error_body(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("POST", "/v2/uploads", b"x" * (3 * MB))

    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_listed_origin_can_read_the_refusal_of_a_large_body(site):
    for origin, allowed_origin in ((OTHER_ORIGIN, OTHER_ORIGIN), ("https://evil.example", None)):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        connection.request("POST", "/v2/uploads", b"x" * (3 * MB), headers={"Origin": origin})

        answer = connection.getresponse()

        assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (413, allowed_origin)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Odd: a\x0bb\r\n\r\n",
        b"POST /v2/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n",
    ],
)
def test_an_error_of_the_server_has_the_browser_policies(site, request_bytes):
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as client:
        client.sendall(request_bytes)
        answer = http.client.HTTPResponse(client)
        answer.begin()

    assert answer.status in {400, 413}
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert "camera=()" in answer.getheader("Permissions-Policy")


def test_a_chunked_body_is_refused_when_it_exceeds_the_limit(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    connection.request(
        "POST", "/v2/uploads", iter([b"x" * MB] * 3), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )

    assert connection.getresponse().status == 413


def test_a_body_within_the_limit_reaches_the_view(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    connection.request("PUT", PART, b"x" * (10 * MB))

    assert connection.getresponse().status == 403  # no signature


@pytest.fixture(scope="module")
def token(site):
    """Create a user of the site and return a JWT of hers."""
    code = (
        "from accounts.models import User; from accounts.signin import jwts; from billing import ledger\n"
        "user = User.objects.create_user('carol@example.org', name='Carol'); ledger.open_account(user.pk)\n"
        "print(jwts.issue(user))"
    )
    return site.run(code).split()[-1]


def send_headers(site, method, path, **headers):
    """Announce a body of 90 MB, send 1 MB of it, and return the response."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.putrequest(method, path)
    for name, value in {"Content-Length": str(90 * MB), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"x" * MB)
    return connection.getresponse()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("PUT", PART, {}, 403),
        ("PUT", f"{PART}?signature=x", {}, 403),
        ("POST", "/v2/videos", {}, 401),
        ("POST", "/v2/videos", {"Authorization": "Bearer a.b.c"}, 401),
        ("POST", "/v2/videos", {"Authorization": "Bearer sage_x"}, 401),
        ("POST", "/v2/videos", {"Cookie": "sessionid=x"}, 401),
        ("POST", "/library/upload/", {}, 401),
    ],
)
def test_a_body_without_permission_is_refused_when_the_headers_arrive(site, method, path, headers, status):
    answer = send_headers(site, method, path, **headers)

    assert answer.status == status
    if path.startswith("/v2/"):
        assert json.loads(answer.read())["error"]["code"] in {"UNAUTHORIZED", "FORBIDDEN"}


def test_an_address_with_many_refusals_is_refused_when_the_headers_arrive(tmp_path_factory):
    with_limit = Site(tmp_path_factory.mktemp("limit") / "var", LIMIT_REFUSED="3/d").start()
    try:
        answers = [send_headers(with_limit, "PUT", f"{PART}?signature=x") for _ in range(4)]
    finally:
        with_limit.stop()

    assert [answer.status for answer in answers] == [403, 403, 403, 429]
    assert int(answers[-1].getheader("Retry-After")) > 0


def test_a_large_body_is_refused_when_the_headers_arrive_if_the_disk_is_full(tmp_path_factory):
    full = Site(tmp_path_factory.mktemp("full") / "var", DISK_RESERVE_MB="1000000000").start()
    try:
        answers = [send_headers(full, "PUT", f"{PART}?signature=x"), send_headers(full, "POST", "/library/upload/")]
        error, page = (answer.read() for answer in answers)
        read = full.get("/v2/auth/status")[0]
    finally:
        full.stop()

    assert [(answer.status, answer.getheader("Retry-After")) for answer in answers] == [(503, "30")] * 2
    assert json.loads(error)["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert b"disk of this site is full" in page
    assert read == 200


def test_a_large_body_of_a_user_reaches_the_view(site, token):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    connection.request(
        "POST",
        "/v2/videos",
        head + b"text " * MB + b"\r\n--b--\r\n",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=b"},
    )

    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_refused_client_does_not_block_others(site):
    with socket.create_connection(("127.0.0.1", site.port)) as idle_client:
        idle_client.sendall(b"POST /v2/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
        time.sleep(0.2)

        assert site.get()[0] == 200


def test_a_slow_reader_does_not_increase_memory(site):
    """Read a film of 300 MB a little at a time."""
    make = (
        "from accounts.models import User; from sage.storage import storage; from videos.models import Video\n"
        "path = storage.root / 'videos' / 'film'; path.parent.mkdir(parents=True, exist_ok=True)\n"
        "path.open('wb').truncate(300 * 1024 * 1024)\n"
        "owner = User.objects.system()\n"
        "print(Video.objects.create(owner=owner, title='film', filename='f.mp4', size=1, storage_key='videos/film').pk)"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", make]
    created = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True)
    [web_process] = [pid for pid, command in site.children().items() if "manage.py web" in command]
    before = get_resident_bytes(web_process)

    with socket.create_connection(("127.0.0.1", site.port)) as slow:
        slow.sendall(f"GET /v2/videos/{created.stdout.split()[-1]}/file HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        for _ in range(20):
            assert slow.recv(10_000)
            time.sleep(0.05)
        grown = get_resident_bytes(web_process) - before

    assert grown < 40 * MB


def test_a_large_form_does_not_increase_memory(site, token):
    [web_process] = [pid for pid, command in site.children().items() if "manage.py web" in command]
    before = get_resident_bytes(web_process)
    peak = []
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
    size = 90 * MB
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.putrequest("POST", "/library/upload/")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(len(head) + size + 7))
    connection.putheader("Authorization", f"Bearer {token}")
    connection.endheaders()
    connection.send(head)
    for _ in range(90):
        connection.send(bytes(MB))
        peak.append(get_resident_bytes(web_process))
    connection.send(b"\r\n--x--")

    assert connection.getresponse().status in {302, 403}  # the client has no session
    peak.append(get_resident_bytes(web_process))
    assert max(peak) - before < 40 * MB


def get_resident_bytes(pid):
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def test_a_root_path_header_does_not_change_urls(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", "/account/login/", headers={"Daphne-Root-Path": "https://evil.example"})

    answer = connection.getresponse()

    assert answer.status == 200
    assert b"evil" not in answer.read()
