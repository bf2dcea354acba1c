"""A double of Google's OpenID Connect endpoints. It signs tokens with RSA as Google does."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "sage.apps.example", "secret of sage"
ADA = {"sub": "1842", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}


class GoogleDouble:
    """A server where `user` is signed in. It has one client, requires PKCE and accepts each code once."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.user: dict[str, Any] = dict(ADA)
        self.queries_by_code: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def environment(self) -> dict[str, str]:
        """Return the settings of a site that uses this server as Google."""
        return {
            "DEBUG": "1",
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "GOOGLE_ISSUER": self.issuer,
            "GOOGLE_JWKS_URL": f"{self.issuer}/certs",
            "GOOGLE_AUTHORIZE_URL": f"{self.issuer}/authorize",
            "GOOGLE_TOKEN_URL": f"{self.issuer}/token",
        }

    def id_token(self, key: rsa.RSAPrivateKey | None = None, kid: str = "one", **claims: Any) -> str:
        now = int(time.time())
        values = {**self.user, "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 3600, **claims}
        values = {name: value for name, value in values.items() if value is not None}
        return jwt.encode(values, key or self.key, "RS256", headers={"kid": kid})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def certs(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def build_consent_page(self, query: dict[str, str]) -> str:
        """Return the page on which the user confirms the sign-in."""
        assert query["client_id"] == CLIENT_ID and "openid" in query["scope"]
        code = secrets.token_urlsafe(8)
        self.queries_by_code[code] = query
        back = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        return f"<!doctype html><title>Google</title><a href='{back}'>Continue as {self.user['name']}</a>"

    def exchange_code(self, form: dict[str, str]) -> dict[str, Any] | None:
        query = self.queries_by_code.pop(form.get("code", ""), None)
        if query is None or form.get("client_secret") != CLIENT_SECRET:
            return None
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(proof).decode().rstrip("=") != query["code_challenge"]:
            return None
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "id_token": self.id_token()}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                if where.path == "/certs":
                    return self.answer(200, json.dumps(google.certs()), "application/json")
                if where.path != "/authorize":
                    return self.answer(404, "", "text/plain")
                query = {name: values[0] for name, values in parse_qs(where.query).items()}
                return self.answer(200, google.build_consent_page(query), "text/html")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                tokens = google.exchange_code({name: values[0] for name, values in parse_qs(body).items()})
                self.answer(
                    200 if tokens else 400, json.dumps(tokens or {"error": "invalid_grant"}), "application/json"
                )

            def answer(self, status: int, text: str, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Write no log."""

        return Handler
