"""Ask the site in this container whether it can do its work; exit 0 if so. For `HEALTHCHECK` in the image."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """Ask /healthz on this machine, by the site's own host name, which is the one that is surely answered."""
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
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
