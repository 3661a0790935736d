"""Who may order: a user who has logged in and sends the signed token back."""

import base64
import hashlib
import hmac
from typing import Annotated

from fastapi import Cookie, Header, HTTPException

COOKIE = "access"
KEY = b"not a secret: what is signed here lasts as long as a trial"


def is_password(password: str, stored: str) -> bool:
    """`stored` is as Django writes it: pbkdf2_sha256$ROUNDS$SALT$BASE64."""
    _, rounds, salt, expected = stored.split("$")
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
    return hmac.compare_digest(derived, base64.b64decode(expected))


def token_for(user_name: str) -> str:
    signature = hmac.new(KEY, user_name.encode(), hashlib.sha256).hexdigest()
    return f"{user_name}.{signature}"


def current_user(
    authorization: Annotated[str, Header()] = "",
    access: Annotated[str, Cookie(alias=COOKIE)] = "",
) -> str:
    """The token's user, from the header Authorization or else from the cookie."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        token = access
    user_name = token.rpartition(".")[0]
    if not hmac.compare_digest(token.encode(), token_for(user_name).encode()):
        raise HTTPException(401, "log in first")
    return user_name
