"""Everything the site is told from outside, read once and checked as a whole.

A setting that differs between two machines is an environment variable, and each variable is one field of
`Environment`. Reading fails on the first start rather than on the first visit: every missing or malformed
variable is named in one message, with the value it had (never a secret), what was expected, and how to put it
right.

The two ways in which such a site is usually left open are closed here, because no default would be safe:

- `SITE_URL` may begin with `http://` for this machine only, and it alone decides whether the https-only
  protections are on, so a public site cannot run without them;
- `DEBUG` is refused for any address but this machine's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import SplitResult, quote, unquote, urlsplit

import environ

PROJECT_ROOT = Path(__file__).resolve().parent.parent

VAR = PROJECT_ROOT / "var"
"""What the site keeps on a machine: the SQLite database, uploaded files, the collected static files."""

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "leftbehind_site.postgresql"
"""Django's own, but that it soon tells when the server is away."""

FORMER_HOSTS: tuple[str, ...] = (
    "www.appg-leftbehindneighbourhoods.org.uk",
    "appg-leftbehindneighbourhoods.org.uk",
)
"""The host names of the group's former website."""

DEFAULT_DATABASE_URL = "sqlite:///var/site.sqlite3"
DEFAULT_SITE_URL_FOR_DEBUG = "http://127.0.0.1:8000"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("line", "json")
SECRET_KEY_LENGTH = 50
SECRET_KEY_DISTINCT_CHARACTERS = 10

TRUE_WORDS = ("true", "1", "yes", "on")
FALSE_WORDS = ("false", "0", "no", "off")
POSTGRESQL_SCHEMES = ("postgres", "postgresql")
SECOND_FACTORS = ("optional", "required")

RESERVED_SEGMENTS: frozenset[str] = frozenset(
    {
        *("corrections", "data", "evidence", "faqs", "feed", "files", "glossary", "healthz"),
        *("inquiry-into-levelling-up", "n", "neighbourhoods", "news", "oembed", "officers", "press-coverage"),
        *("publication", "publications", "report", "search", "session", "sessions", "static"),
        # Pages of the record as it is shipped.
        *("about", "accessibility", "contact", "privacy", "security", "what-is-a-left-behind-neighbourhood"),
    }
)
"""What the site's own addresses begin with; the editing desk cannot be there. A test compares."""

_PLACEHOLDER = re.compile(
    r"insecure|(change|replace)[-_ ]?(me|this)|placeholder|your[-_ ]?secret|secret[-_ ]?key|example",
    re.IGNORECASE,
)
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
_SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_ASSIGNMENT = re.compile(r"(export )?[A-Za-z_0-9]+=")

_T = TypeVar("_T")


class ConfigurationError(Exception):
    """The environment does not describe a site that can run; the message is for whoever starts it."""


class _UnfitError(ValueError):
    """One value that cannot be used: what was expected, and what to do about it."""

    def __init__(self, expected: str, advice: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables of the site; each field is the variable of the same name in capitals."""

    secret_key: str
    """Signs the editors' sessions. At least 50 random characters; whoever knows it can become an editor."""

    site_url: str
    """The public address without a path. Decides canonical links, allowed host and https protections."""

    debug: bool = False
    """Detailed error pages and unhashed static files, for development on one's own machine only."""

    database_url: str = DEFAULT_DATABASE_URL
    """`sqlite:///<path>` (relative to the project) or `postgresql://<user>:<password>@<host>:<port>/<name>`."""

    allowed_hosts: tuple[str, ...] = ()
    """Host names that are answered besides the one of `site_url`, such as a health check's."""

    former_hosts: tuple[str, ...] = FORMER_HOSTS
    """Host names of the former site. A request for one of them is sent on to the same page at `site_url`."""

    trust_proxy_headers: bool = False
    """Whether a front server always sets X-Forwarded-Proto; without one, visitors could forge it."""

    desk: bool = True
    """Whether editors work here. Without a desk a process serves the public site, and opens the database for
    reading only."""
    admin_path: str = "admin"
    """Where the editing desk is: one segment of an address. Any other than `admin` is told to nobody."""

    second_factor: str = ""
    """Whether editors need a code from a phone: `required` or `optional`. Not said, it is required on an
    https site, and optional on one's own machine."""

    archive_frozen: bool = False
    """Whether the site is for reading only: no request, no page and no database connection can change it."""

    static_root: Path = VAR / "static"
    """Where `collectstatic` puts the files that the server sends from /static/."""

    media_root: Path = VAR / "media"
    """Where the documents and images lie that editors upload. Part of what a backup has to hold."""

    published_root: Path = VAR / "published"
    """Where finished pages are kept, to be sent without Django. Made again when lost; no part of a backup."""

    log_level: str = "INFO"
    """The least severe message that is written to standard error."""

    log_format: str = "line"
    """How a message is written: `line` for people, `json`, one object a line, for programs."""

    @property
    def has_desk(self) -> bool:
        """Whether there is anything here with which the site can be changed."""
        return self.desk and not self.archive_frozen

    @property
    def https(self) -> bool:
        """Whether the public address is an https one, and with it every https-only protection."""
        return self.site_url.startswith("https://")

    @property
    def second_factor_required(self) -> bool:
        """Whether nobody may edit without a second factor."""
        return (self.second_factor or ("required" if self.https else "optional")) == "required"

    @property
    def hosts(self) -> list[str]:
        """Every host name the site answers to."""
        host = urlsplit(self.site_url).hostname or ""
        own = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(host) else []
        return list(dict.fromkeys([f"[{host}]" if ":" in host else host, *own, *self.allowed_hosts]))

    @property
    def hosts_sent_on(self) -> frozenset[str]:
        """The former host names, but for one that is the site's own again."""
        return frozenset(self.former_hosts) - frozenset(self.hosts)

    @classmethod
    def read(cls, variables: Mapping[str, str], dotenv: Path | None = None) -> Environment:
        """Read the environment, and fill what it does not say from a `.env` file.

        Args:
            variables: The process's own variables; they win over the file. An empty one counts as not set.
            dotenv: The file, which need not exist.

        Raises:
            ConfigurationError: Naming every variable that is missing or cannot be used.
        """
        reader = _Reader(variables, dotenv)
        debug = reader.take("DEBUG", _boolean, default=False)
        site_url = reader.take(
            "SITE_URL",
            _site_url,
            default=DEFAULT_SITE_URL_FOR_DEBUG if debug else None,
            missing=_UnfitError(
                "the public address of the site, such as https://example.org",
                "set SITE_URL; on your own machine SITE_URL=http://127.0.0.1:8000 will do",
            ),
        )
        if debug and site_url and not is_loopback(urlsplit(site_url).hostname or ""):
            reader.refuse(
                "DEBUG",
                "true",
                _UnfitError(
                    f"false, because SITE_URL is {site_url}: with DEBUG on, error pages show the code",
                    "remove DEBUG, or set SITE_URL=http://127.0.0.1:8000",
                ),
            )
        nobody: tuple[str, ...] = ()
        environment = cls(
            secret_key=reader.take(
                "SECRET_KEY",
                _secret_key,
                missing=_UnfitError(
                    f"a random text of {SECRET_KEY_LENGTH} or more characters", _HOW_TO_MAKE_ONE
                ),
            ),
            site_url=site_url,
            debug=debug,
            database_url=reader.take("DATABASE_URL", _database_url, default=DEFAULT_DATABASE_URL),
            allowed_hosts=reader.take("ALLOWED_HOSTS", _host_names, default=nobody),
            former_hosts=reader.take("FORMER_HOSTS", _host_names, default=FORMER_HOSTS),
            trust_proxy_headers=reader.take("TRUST_PROXY_HEADERS", _boolean, default=False),
            desk=reader.take("DESK", _boolean, default=True),
            admin_path=reader.take("ADMIN_PATH", _admin_path, default="admin"),
            second_factor=reader.take("SECOND_FACTOR", _second_factor, default=""),
            archive_frozen=reader.take("ARCHIVE_FROZEN", _boolean, default=False),
            static_root=reader.take("STATIC_ROOT", _folder, default=VAR / "static"),
            media_root=reader.take("MEDIA_ROOT", _folder, default=VAR / "media"),
            published_root=reader.take("PUBLISHED_ROOT", _folder, default=VAR / "published"),
            log_level=reader.take("LOG_LEVEL", _log_level, default="INFO"),
            log_format=reader.take("LOG_FORMAT", _log_format, default="line"),
        )
        # Not before: whatever could not be read is a gap in it, and nobody may have one with a gap.
        reader.finish()
        return environment


class _Reader:
    """Takes variables one by one and remembers what is wrong with them, to say it all at once."""

    def __init__(self, variables: Mapping[str, str], dotenv: Path | None) -> None:
        self.problems: list[str] = []
        # django-environ's reader over a copy: the process's own environment stays as it is.
        self._source: Any = type("Source", (environ.Env,), {"ENVIRON": dict(variables)})
        if dotenv is not None and dotenv.is_file():
            self._read_file(dotenv)

    def _read_file(self, dotenv: Path) -> None:
        """Add the file's variables to the process's; a line that says nothing is a mistake, not a comment."""
        try:
            lines = dotenv.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(
                f"{dotenv}\n    cannot be read: {error}\n    to fix: make it a readable file of UTF-8 text"
            )
            return
        for number, line in enumerate(lines, start=1):
            if line and not line.startswith("#") and not _ASSIGNMENT.match(line):
                self.problems.append(
                    f"{dotenv}, line {number}\n"
                    "    expected: NAME=value, a comment that begins with #, or an empty line\n"
                    "    to fix: correct the line (no space before the name or around the equals sign)"
                )
        self._source.read_env(dotenv)

    def take(
        self,
        name: str,
        convert: Callable[[str], _T],
        *,
        default: _T | None = None,
        missing: _UnfitError | None = None,
    ) -> _T:
        """Take one variable.

        Args:
            name: The variable.
            convert: Makes its value of its text, or says by ``_UnfitError`` why it cannot.
            default: Its value where it is not set.
            missing: What to say where it is not set and has no default.

        Returns:
            The value or the default. After a problem, which is noted, a gap that no type tells: ``finish``
            has to be called before anything is done with what was taken.
        """
        # Not by Env's own call: it takes a leading "$" for another variable, and a secret may begin with one.
        text = self._source.ENVIRON.get(name, "").strip()
        if not text:
            if default is None and missing is not None:
                self.refuse(name, None, missing)
            return cast("_T", default)
        try:
            return convert(text)
        except _UnfitError as unfit:
            self.refuse(name, text, unfit)
            return cast("_T", None)

    def refuse(self, name: str, text: str | None, unfit: _UnfitError) -> None:
        """Note what is wrong with a variable."""
        shown = "not set" if text is None else _SHOWN.get(name, repr)(text)
        self.problems.append(f"{name} is {shown}\n    expected: {unfit.expected}\n    to fix: {unfit.advice}")

    def finish(self) -> None:
        """Stop if anything was wrong."""
        if self.problems:
            count = len(self.problems)
            what = "1 setting needs" if count == 1 else f"{count} settings need"
            raise ConfigurationError(
                f"The site cannot start: {what} attention.\n\n"
                + "\n".join(f"  {problem}" for problem in self.problems)
                + "\n\nSet them in the environment or in the file .env; .env.example explains each one."
            )


_HOW_TO_MAKE_ONE = (
    "put the output of this command into SECRET_KEY:\n"
    '        python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
)


def _hidden_secret(text: str) -> str:
    """Describe a secret without repeating it."""
    return f"{len(text)} characters long (not shown)"


def _hidden_password(text: str) -> str:
    """Show a database address without its password, and not at all where one might be anywhere in it."""
    try:
        parts = urlsplit(text)
        password = parts.password
    except ValueError:
        parts, password = None, None
    if parts is not None and "password" not in parts.query.lower():
        if password is not None:
            return repr(text.replace(f":{password}@", ":***@"))
        if "@" not in text:
            return repr(text)
    return "set (not shown, because it may hold a password)"


_SHOWN: dict[str, Callable[[str], str]] = {"SECRET_KEY": _hidden_secret, "DATABASE_URL": _hidden_password}


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _boolean(text: str) -> bool:
    """Convert yes or no; any other word is a mistake rather than a no."""
    word = text.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise _UnfitError("true or false", "write true or false (1, 0, yes, no, on, off are understood too)")


def _secret_key(text: str) -> str:
    """Accept a text nobody could guess."""
    if len(text) < SECRET_KEY_LENGTH:
        raise _UnfitError(f"{SECRET_KEY_LENGTH} or more characters", _HOW_TO_MAKE_ONE)
    if _PLACEHOLDER.search(text):
        raise _UnfitError("a random text; this one looks like a placeholder", _HOW_TO_MAKE_ONE)
    if len(set(text)) < SECRET_KEY_DISTINCT_CHARACTERS:
        raise _UnfitError(
            "a random text; this one repeats a few characters",
            _HOW_TO_MAKE_ONE,
        )
    return text


def _site_url(text: str) -> str:
    """Accept an origin: scheme, host and port, nothing else; unencrypted for this machine only."""
    advice = "write it like https://example.org, or http://127.0.0.1:8000 on your own machine"
    parts, host = _split_origin(text, advice)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in text or "#" in text:
        raise _UnfitError("an address without a path, query or fragment", advice)
    if parts.username is not None or parts.password is not None:
        raise _UnfitError("an address without a user name or password", advice)
    if parts.scheme == "http" and not is_loopback(host):
        raise _UnfitError(
            "an https address, because only this machine itself may be served without encryption", advice
        )
    if not is_host(host):
        raise _UnfitError(
            "an address with a valid host name (international names in their xn-- form)", advice
        )
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _split_origin(text: str, advice: str) -> tuple[SplitResult, str]:
    """Split an address that has a web scheme, a host, and a port that is a number if there is one."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = parts.port
    except ValueError as error:
        raise _UnfitError(f"a web address ({error})", advice) from error
    if parts.scheme not in ("http", "https") or not host:
        raise _UnfitError("a web address that begins with https:// (or http:// for this machine)", advice)
    if port == 0:
        raise _UnfitError("a port from 1 to 65535, or none", advice)
    return parts, host


def is_host(text: str) -> bool:
    """Whether a text is a host name in lower case or an IP address."""
    if _HOST_NAME.match(text):
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _host_names(text: str) -> tuple[str, ...]:
    """Accept host names separated by commas, each named in full."""
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    for name in names:
        bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
        if not is_host(bare) or (":" in bare and bare == name):
            raise _UnfitError(
                f"host names separated by commas; {name!r} is not one",
                "name each host in full, without scheme, port or asterisk, such as www.example.org",
            )
    return names


def _database_url(text: str) -> str:
    """Accept the address of an SQLite file or of a PostgreSQL database."""
    settings = database_settings(text)
    if settings["ENGINE"] == SQLITE:
        folder = Path(settings["NAME"]).parent
        # The project's own var/ is made when it is needed; any other folder may be a slip of the pen.
        if folder != VAR and not folder.is_dir():
            raise _UnfitError(
                "a file in a folder that exists", f"make the folder {folder}, or correct the path"
            )
    return text


def _folder(text: str) -> Path:
    """Accept a folder; a relative one starts at the project, wherever the process was started."""
    path = Path(text).expanduser()
    path = path if path.is_absolute() else PROJECT_ROOT / path
    if path.exists() and not path.is_dir():
        raise _UnfitError(
            "a folder; there is a file of that name", "name a folder, or remove the setting for one in var/"
        )
    return path


def _admin_path(text: str) -> str:
    """Accept one segment of an address that is nothing else's."""
    advice = "write one word without slashes, such as ADMIN_PATH=editing-desk, or remove it for admin"
    if not _SEGMENT.match(text):
        raise _UnfitError("one segment of an address: lower-case letters, digits, single hyphens", advice)
    if text in RESERVED_SEGMENTS:
        raise _UnfitError(f"a segment that is not the site's own, as /{text}/ is", advice)
    return text


def _second_factor(text: str) -> str:
    """Accept one of the two rules."""
    word = text.lower()
    if word not in SECOND_FACTORS:
        raise _UnfitError(
            "optional or required", "write SECOND_FACTOR=required, or optional on your own machine"
        )
    return word


def _log_level(text: str) -> str:
    """Accept one of the levels of Python's logging."""
    level = text.upper()
    if level not in LOG_LEVELS:
        raise _UnfitError("one of " + ", ".join(LOG_LEVELS), "remove LOG_LEVEL for INFO")
    return level


def _log_format(text: str) -> str:
    """Accept one of the ways in which messages are written."""
    log_format = text.lower()
    if log_format not in LOG_FORMATS:
        raise _UnfitError("one of " + ", ".join(LOG_FORMATS), "remove LOG_FORMAT for line")
    return log_format


SERVERS: Final = ("serve.py", "granian")
"""Programs that answer visitors. Every other one is somebody's command."""


class Access(StrEnum):
    """What a process may do with the database."""

    WRITE = "write"
    READ = "read"
    """Read what other processes change."""
    FROZEN = "frozen"
    """Read what nobody changes."""


class Work(StrEnum):
    """What a process does with the database, and with it how long it may hold up others."""

    PAGES = "pages"
    """Answers visitors and editors."""
    COMMAND = "command"
    """A command that loads, publishes, exports."""
    MIGRATION = "migration"
    """Changes tables that others use."""

    @classmethod
    def of(cls, arguments: Sequence[str]) -> Work:
        """What a process that was started with these arguments does (``sys.argv``)."""
        program, *words = arguments or [""]
        if Path(program).name in SERVERS or words[:1] == ["runserver"]:
            return cls.PAGES
        return cls.MIGRATION if words[:1] == ["migrate"] else cls.COMMAND


LIMITS: Final[dict[Work, dict[str, str]]] = {
    # Nobody waits longer for a page, and a visitor's process never holds a lock while it does nothing.
    Work.PAGES: {"statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"},
    # A load thinks for seconds between two statements of its one transaction. One that was stopped ends here.
    Work.COMMAND: {"statement_timeout": "10min", "idle_in_transaction_session_timeout": "15min"},
    # Whoever waits for a table's lock lets nobody else pass, readers included: better to give up soon.
    Work.MIGRATION: {
        "statement_timeout": "10min",
        "idle_in_transaction_session_timeout": "15min",
        "lock_timeout": "5s",
    },
}
"""PostgreSQL's limits of a session by what it is for."""


def database_settings(url: str, *, access: Access = Access.WRITE, work: Work = Work.PAGES) -> dict[str, Any]:
    """Turn a database address into the settings Django needs for it, tuned for this site.

    Args:
        url: The address, as `DATABASE_URL` holds it.
        access: What the process may do with it.
        work: What the process does.

    Raises:
        ValueError: If it is not the address of an SQLite file or of a PostgreSQL database.
    """
    advice = (
        "write sqlite:///var/site.sqlite3 (a path in the project), sqlite:////srv/site.sqlite3 (a path on the"
        " machine) or postgresql://user:password@host:5432/name"
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _UnfitError("a database address", advice) from error
    if parts.scheme == "sqlite":
        if parts.netloc:
            raise _UnfitError(
                "three or four slashes after sqlite: (two would make the folder a host name)", advice
            )
        if parts.path in ("", "/", "/:memory:") or parts.path.endswith("/"):
            raise _UnfitError(
                "the path of a file: the server's processes could not share a database in memory", advice
            )
        config = environ.Env.db_url_config(url)
        return _sqlite_settings(config, access, work)
    if parts.scheme in POSTGRESQL_SCHEMES:
        if parts.path in ("", "/"):
            raise _UnfitError("the name of the database after the host", advice)
        if port == 0:
            raise _UnfitError("a port from 1 to 65535, or none", advice)
        return _postgresql_settings(environ.Env.db_url_config(url), access, work)
    raise _UnfitError("an address that begins with sqlite: or postgresql:", advice)


def sqlite_file(database: Mapping[str, Any]) -> Path | None:
    """Where an SQLite database lies.

    Args:
        database: Django's settings of it, as ``database_settings`` made them.

    Returns:
        Nothing for another kind of database, and for one in memory.
    """
    name = str(database["NAME"])
    if database["ENGINE"] != SQLITE or "mode=memory" in name:
        return None
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def _sqlite_settings(config: dict[str, Any], access: Access, work: Work) -> dict[str, Any]:
    """Let readers go on while one process writes, and let writers wait for each other instead of failing."""
    path = str(PROJECT_ROOT / config["NAME"])
    if access is Access.FROZEN:
        # As a file that nobody changes: no lock, no file beside it, nothing that could be written.
        name = f"file:{quote(path)}?mode=ro&immutable=1"
        options: dict[str, Any] = {"init_command": "PRAGMA query_only=ON; PRAGMA foreign_keys=ON;"}
    elif access is Access.READ:
        # Reading takes part in the locks that let others write, so the file itself has to be open to writing;
        # one that is not there is not made.
        name = f"file:{quote(path)}?mode=rw"
        options = {"timeout": 5, "init_command": "PRAGMA query_only=ON; PRAGMA foreign_keys=ON;"}
    else:
        name = path
        options = {
            # Seconds a writer waits for another one.
            "timeout": 20 if work is Work.PAGES else 60,
            # A transaction takes the write lock when it begins: taken later, it could fail without waiting.
            "transaction_mode": "IMMEDIATE",
            # WAL: readers see the last committed state while a load writes. NORMAL is safe with it.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    return {"ENGINE": SQLITE, "NAME": name, "OPTIONS": options}


def _postgresql_settings(config: dict[str, Any], access: Access, work: Work) -> dict[str, Any]:
    """Share a few checked connections between a process's threads, and let nothing take for ever."""
    given = config.get("OPTIONS", {})
    limits = dict(LIMITS[work])
    if access is not Access.WRITE:
        limits["default_transaction_read_only"] = "on"
    session = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return {
        **{key: config[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
        "ENGINE": POSTGRESQL,
        # The pool, not the request, decides how long a connection lives; it tests one before lending it.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Seconds to connect; milliseconds until a server that no longer answers at all counts as gone.
            "connect_timeout": 5,
            "tcp_user_timeout": 15_000,
            **given,
            "options": f"{session} {given.get('options', '')}".strip(),
            # More than a process has threads. A server that is away is asked again each time that somebody
            # wants a connection, instead of after ever longer pauses.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 5, "reconnect_timeout": 1},
        },
    }
