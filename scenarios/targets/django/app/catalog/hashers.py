from django.contrib.auth.hashers import PBKDF2PasswordHasher


class CheapHasher(PBKDF2PasswordHasher):
    """With Django's own number of rounds one log-in takes half a second of CPU time, and a
    scenario's fifty clients would begin by waiting for each other's."""

    iterations = 10_000
