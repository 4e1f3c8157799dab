"""The site as a worker of the production server loads it.

Ctrl-C reaches every process in a terminal at once, and then the server tells its workers to stop. A worker
that hears both can lock up in the second while it handles the first, and has to be killed. So workers leave
Ctrl-C to the server.
"""

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
# Until the worker is ready it has no handler of its own and can simply end.
signal.signal(signal.SIGTERM, signal.SIG_DFL)

# Threads made from here on inherit the mask.
from leftbehind_site import wsgi  # noqa: E402
from leftbehind_site.serving.application import serving  # noqa: E402

application = serving(wsgi.application)

__all__ = ["application"]
