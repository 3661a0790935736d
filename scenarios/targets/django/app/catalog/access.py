"""Who may order: a user who has logged in (django.contrib.auth) and sends the signed token back."""

from django.core import signing
from django.http import HttpRequest

COOKIE = "access"
SALT = "catalog.access"


def token_for(user_name: str) -> str:
    return signing.dumps(user_name, salt=SALT)


def user_of(request: HttpRequest) -> str | None:
    """The token's user, from the header Authorization or else from the cookie. None if neither
    holds a token that was signed here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.COOKIES.get(COOKIE, "")
    try:
        return signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
