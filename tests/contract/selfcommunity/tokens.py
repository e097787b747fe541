"""What tests say about tokens of communities: JWTs that somebody signs, and grants over the wire.

A JWT is put together here by hand, so that every way of getting one wrong can be tried.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

from tests.contract.api import Api, Person, Reply

SECRET = "a secret that only the back end knows"
HEADER = {"alg": "HS256", "typ": "JWT"}


def encode(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(claims: Any, header: Any = HEADER, *, secret: str = SECRET) -> str:
    """A JWT over these claims, whatever they are."""
    told = f"{encode(header)}.{encode(claims)}"
    mac = hmac.digest(secret.encode(), told.encode(), hashlib.sha256)
    return f"{told}.{encode(mac)}"


def claims_of(api: Api, who: Person, **changes: Any) -> dict[str, Any]:
    """Good claims about somebody; None leaves one out."""
    now_s = api.clock.now_ms() // 1000
    claims = {
        "user_id": int(who.id),
        "token_type": "access",
        "iat": now_s,
        "exp": now_s + 7200,
        "jti": str(api.clock.now_ms()),
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


async def grant(api: Api, grant_type: str, **form: Any) -> Reply:
    """One request for a token."""
    return await api.post("/oauth/token/", form={"grant_type": grant_type, **form})


async def who_is(api: Api, token: str, scheme: str = "Bearer") -> Reply:
    """Who stands behind a token."""
    headers = {"Authorization": f"{scheme} {token}"}
    return await api.post("/api/v2/sso/signin/", headers=headers)
