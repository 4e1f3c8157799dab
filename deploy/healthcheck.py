"""Ask the site on this machine, or in this container, whether it can do its work; exit 0 if so."""

import http.client
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Ask /healthz on this machine, by the site's own host name, which is the one that is surely answered."""
    sys.path.insert(0, str(ROOT))
    from leftbehind_site.environment import ConfigurationError, Environment  # noqa: PLC0415 - found by now

    try:
        host = urlsplit(Environment.read(os.environ, ROOT / ".env").site_url).netloc
    except ConfigurationError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or "8000"), timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        response = connection.getresponse()
        sys.stdout.write(response.read(1000).decode(errors="replace") + "\n")
    except OSError as error:
        sys.stdout.write(f"no answer: {error}\n")
        return 1
    finally:
        connection.close()
    return 0 if response.status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
