"""The site as a worker of the production server loads it.

Ctrl-C reaches every process in a terminal at once, and then the server tells its workers to stop. A worker
that hears both can lock up in the second while it handles the first, and has to be killed. So workers leave
Ctrl-C to the server.

A server that is killed takes its workers along: left alone they would keep the port, and the server that is
started in its place could not listen.
"""

import ctypes
import multiprocessing
import signal
import sys

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
# Until the worker is ready it has no handler of its own and can simply end.
signal.signal(signal.SIGTERM, signal.SIG_DFL)


server = multiprocessing.parent_process()
if server is not None and sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if not server.is_alive():
        sys.exit("The server ended before its worker began.")

# Threads made from here on inherit the mask.
from leftbehind_site import wsgi  # noqa: E402
from leftbehind_site.serving.application import serving  # noqa: E402

application = serving(wsgi.application)

__all__ = ["application"]
