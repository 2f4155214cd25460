"""A provider of accounts after OpenID Connect Core 1.0, small and strict, on loopback.

Authorisation code flow with PKCE, discovery, one RSA key; accounts are chosen by a click instead of
a password. What it signs can be spoilt, to see who notices.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dashboard", secrets.token_urlsafe(24)


class Provider:
    """Serves until `close`.

    Attributes
    ----------
    people : the claims of each account, by the name on its button.
    redirect_uris : where browsers may be sent back to.
    spoil : changes the claims before they are signed; returns the key they are signed with.
    """

    def __init__(self, people: dict[str, dict]):
        self.people = people
        self.redirect_uris: set[str] = set()
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.spoil: Callable[[dict], RSAKey] = lambda claims: self.key
        self.signed_out = 0
        self.handed_out: dict[str, dict] = {}
        self.lock = threading.Lock()
        handler = type("Bound", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def secrets_toml(self, redirect_uri: str, roles: str) -> str:
        """Return what the dashboard has to know of this provider."""
        self.redirect_uris.add(redirect_uri)
        return f"""
[auth]
redirect_uri = "{redirect_uri}"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{self.issuer}/.well-known/openid-configuration"

[roles]
{roles}
"""


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self):
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        pages = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": self._keys,
            "/authorize": self._authorize,
            "/chosen": self._chosen,
            "/end": self._end,
        }
        if url.path in pages:
            pages[url.path](asked)
        else:
            self._answer(404, "text/plain", b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path != "/token" or not self._is_client():
            self._json(401, {"error": "invalid_client"})
            return
        with self.provider.lock:
            given = self.provider.handed_out.pop(form.get("code", ""), None)  # once only
        if given is None or not _belongs(form, given):
            self._json(400, {"error": "invalid_grant"})
            return
        now = int(time.time())
        claims = {
            **{"iss": self.provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300},
            **self.provider.people[given["person"]],
        }
        if "nonce" in given:
            claims["nonce"] = given["nonce"]
        key = self.provider.spoil(claims)
        header = {"alg": "RS256", "kid": "one"}
        token = {"token_type": "Bearer", "access_token": secrets.token_urlsafe(), "expires_in": 300}
        self._json(200, {**token, "id_token": jwt.encode(header, claims, key)})

    def _is_client(self) -> bool:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        return kind == "Basic" and base64.b64decode(value).decode() == f"{CLIENT}:{SECRET}"

    def _discovery(self, asked: dict) -> None:
        here = self.provider.issuer
        self._json(
            200,
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "jwks_uri": f"{here}/keys",
                "end_session_endpoint": f"{here}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            },
        )

    def _keys(self, asked: dict) -> None:
        self._json(200, {"keys": [self.provider.key.as_dict(private=False)]})

    def _authorize(self, asked: dict) -> None:
        known = asked.get("client_id") == CLIENT
        known = known and asked.get("redirect_uri") in self.provider.redirect_uris
        if not known or asked.get("response_type") != "code" or "code_challenge" not in asked:
            self._answer(400, "text/plain", b"not a request that was agreed on")
            return
        links = "".join(
            f'<p><a href="/chosen?{html.escape(urlencode({**asked, "person": person}))}">'
            f"{html.escape(person)}</a></p>"
            for person in self.provider.people
        )
        self._answer(200, "text/html", f"<h1>Who are you?</h1>{links}".encode())

    def _chosen(self, asked: dict) -> None:
        code = secrets.token_urlsafe()
        with self.provider.lock:
            self.provider.handed_out[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        self._redirect(f"{asked['redirect_uri']}?{back}")

    def _end(self, asked: dict) -> None:
        self.provider.signed_out += 1
        self._redirect(asked["post_logout_redirect_uri"])

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, status: int, content: dict) -> None:
        self._answer(status, "application/json", json.dumps(content).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def _belongs(form: dict, given: dict) -> bool:
    """Whether whoever brings the code is who asked for it (RFC 7636)."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return (
        form.get("grant_type") == "authorization_code"
        and form.get("redirect_uri") == given["redirect_uri"]
        and challenge == given["code_challenge"]
    )
