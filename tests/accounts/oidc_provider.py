"""A small OpenID provider for the tests: real HTTP, real keys, and every fault on demand.

    with OidcProvider() as provider:
        provider.person = {"employeeHsaId": "SE1-P1", "groups": ["FM-Redaktion"]}
        provider.fault = "nonce"

It consents by itself, or shows a form when `asks` is set. `asked` counts requests by path.
"""

import base64
import contextlib
import hashlib
import http.client
import json
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "portalen:prov", "hemlig%&+ö"
LOA3, LOA2 = "http://id.sambi.se/loa/loa3", "http://id.sambi.se/loa/loa2"


class Key:
    """A key pair; the public half as JWK."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid, self.algorithm = kid, algorithm
        if algorithm == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
            made = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            made = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.public = {**made, "kid": kid, "use": "sig", "alg": algorithm}
        self.public.pop("key_ops", None)


FIRST, SECOND, STRANGE, CURVE = Key("ett"), Key("två"), Key("ett"), Key("kurva", "ES256")


class OidcProvider:
    def __enter__(self):
        self.person = {"employeeHsaId": "SE1-P1", "given_name": "Åsa", "family_name": "Öberg"}
        self.userinfo = {}
        self.fault = ""
        self.fault_details = {}
        self.asks = False
        self.acr = LOA3
        self.key, self.keys = FIRST, [FIRST]
        self.metadata_changes = {}
        self.methods = ["client_secret_basic", "client_secret_post"]
        self.skew = 0
        self.asked = Counter()
        self.seen = {}
        self.codes = {}
        self.stopped = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/oidc"
        return self

    def __exit__(self, *args):
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()

    def metadata(self):
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end",
            "token_endpoint_auth_methods_supported": self.methods,
            **self.metadata_changes,
        }
        return {name: value for name, value in found.items() if value is not None}

    def claims(self, asked):
        now = int(time.time()) + self.skew
        found = {
            "iss": self.issuer,
            "sub": "tillfällig-" + secrets.token_hex(8),
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "acr": self.acr,
            **self.person,
        }
        changes = {
            "nonce": {"nonce": "en annan"},
            "no nonce": {"nonce": None},
            "audience": {"aud": "någon-annan"},
            "audiences": {"aud": [CLIENT, "någon-annan"]},
            "party": {"aud": [CLIENT, "någon-annan"], "azp": "någon-annan"},
            "issuer": {"iss": "https://idp.example.org"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "future": {"iat": now + 600, "exp": now + 900},
            "no expiry": {"exp": None},
            "odd expiry": {"exp": "snart"},
            "no sub": {"sub": None},
            "low": {"acr": LOA2},
            "no acr": {"acr": None},
            "list acr": {"acr": [LOA3]},
        }
        found |= changes.get(self.fault, {})
        return {name: value for name, value in found.items() if value is not None}

    def id_token(self, claims):
        key, headers = self.key, {"kid": self.key.kid}
        if self.fault == "signature":
            key = STRANGE
        if self.fault == "no kid":
            headers = {}
        if self.fault == "unknown kid":
            headers = {"kid": secrets.token_hex(4)}
        if self.fault == "crit":
            headers["crit"] = ["något"]
        if self.fault == "none":
            return jwt.encode(claims, None, algorithm="none", headers=headers)
        if self.fault == "shared secret":
            # The public key's own bytes as a shared secret: what a careless client takes.
            secret = base64.b64encode(json.dumps(self.key.public).encode())
            return jwt.encode(claims, secret, algorithm="HS256", headers=headers)
        if self.fault == "other algorithm":
            return jwt.encode(claims, key.private, algorithm="PS256", headers=headers)
        if self.fault == "garbage":
            return "inte.en.biljett"
        if self.fault == "number":
            return 7
        token = jwt.encode(claims, key.private, algorithm=key.algorithm, headers=headers)
        if self.fault == "changed":
            head, _, signature = token.split(".")
            changed = {**claims, "employeeHsaId": "SE1-NÅGON"}
            body = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
            return f"{head}.{body}.{signature}"
        return token

    def is_client(self, headers, form):
        given = headers.get("Authorization", "")
        if given.startswith("Basic "):
            self.seen["auth"] = "basic"
            name, _, secret = base64.b64decode(given[6:]).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        self.seen["auth"] = "post"
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def where_it_leads(address):
    """Where the provider sends a browser that comes to an address."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().getheader("Location")


FORM = """<!doctype html><html lang=sv><title>Prov-IdP</title><h1>Prov-IdP</h1>
<form method=post action="/oidc/consent?{query}"><button>Legitimera</button></form>"""


def handler_of(provider):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def handle(self):
            with contextlib.suppress(ConnectionError):
                super().handle()

        def do_GET(self):
            self.serve({})

        def do_POST(self):
            content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.serve({name: values[0] for name, values in parse_qs(content).items()})

        def serve(self, form):
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            name = parts.path.removeprefix("/oidc/").rsplit("/", 1)[-1]
            provider.asked[name] += 1
            provider.seen[name] = {**query, **form}
            if provider.fault_details.get("at") == name and self.fail(provider.fault):
                return
            if name == "favicon.ico":
                self.say(b"", "image/x-icon")
                return
            getattr(self, f"answer_{name.replace('-', '_')}")(query, form)

        def fail(self, fault):
            """Faults of a provider that runs badly."""
            if fault == "silent":
                provider.stopped.wait(30)
            elif fault == "drip":
                self.send_response(200)
                self.end_headers()
                while not provider.stopped.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            elif fault == "huge":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _ in range(300):
                        self.wfile.write(b" " * 10_000)
            elif fault == "redirect":
                self.send_response(302)
                self.send_header("Location", provider.fault_details["to"])
                self.end_headers()
            elif fault == "status":
                self.send_error(provider.fault_details["status"])
            elif fault == "body":
                self.say(provider.fault_details["body"])
            elif fault == "hang up":
                self.connection.close()
            else:
                return False
            return True

        def say(self, content, kind="application/json"):
            body = content if isinstance(content, bytes) else content.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def go(self, address):
            self.send_response(302)
            self.send_header("Location", address)
            self.end_headers()

        def answer_openid_configuration(self, query, form):
            self.say(json.dumps(provider.metadata()))

        def answer_keys(self, query, form):
            self.say(json.dumps({"keys": [key.public for key in provider.keys]}))

        def answer_authorize(self, query, form):
            if provider.asks:
                self.say(FORM.format(query=urlencode(query).replace("&", "&amp;")), "text/html")
            else:
                self.answer_consent(query, form)

        def answer_consent(self, query, form):
            back = {"state": query["state"]}
            if provider.fault == "cancelled":
                back["error"] = "access_denied"
            elif provider.fault == "error":
                back["error"] = "server_error"
            else:
                code = secrets.token_urlsafe(16)
                provider.codes[code] = query
                back["code"] = code
            if provider.fault == "mix-up":
                back["iss"] = "https://annan.example.org"
            self.go(f"{query['redirect_uri']}?{urlencode(back)}")

        def answer_token(self, query, form):
            asked = provider.codes.pop(form.get("code"), None)
            proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
            if (
                asked is None
                or not provider.is_client(self.headers, form)
                or challenge != asked["code_challenge"]
                or form["redirect_uri"] != asked["redirect_uri"]
            ):
                self.send_error(400)
                return
            claims = provider.claims(asked)
            provider.sub = claims.get("sub")
            answer = {"access_token": "nyckel", "token_type": "Bearer"}
            if provider.fault != "no token":
                answer["id_token"] = provider.id_token(claims)
            self.say(json.dumps(answer))

        def answer_userinfo(self, query, form):
            sub = "någon annan" if provider.fault == "userinfo" else provider.sub
            self.say(json.dumps({"sub": sub, **provider.userinfo}))

        def answer_end(self, query, form):
            self.go(query["post_logout_redirect_uri"])

    return Handler
