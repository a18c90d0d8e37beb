"""Sets Django up for a peer: one database, persistent connections, the apps it asks for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings


def open_django(url: str, *apps: str) -> None:
    address = urlsplit(url)
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            *apps,
            "tests.benchmarks.peers.award",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": address.path.strip("/"),
                "USER": address.username,
                "HOST": parse_qs(address.query)["host"][0],
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
