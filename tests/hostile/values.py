"""What is written where something else was expected."""

from __future__ import annotations

from typing import Final

MARK: Final = "<script>alert(1)</script>"
"""Must never stand in a page as it is."""

HOSTILE: Final = (
    # Half characters, characters without a shape, from right to left, many, none at all.
    *(
        "\x00",
        "a\x00b",
        "\u202e\ufeff",
        "é" * 300,
        "\U0001f600",
        "\ud7ff\uffff",
        "\x1b[31m",
        "\x7f",
        "﷽" * 40,
    ),
    *("%", "%%00", "%FF%FE", "%C0%AE%C0%AE/", "\r\nSet-Cookie: a=b", "a\nb", "\t", " ", "a" * 254 + ".pdf"),
    # For whoever would run it.
    *(
        "' OR 1=1 --",
        '"; DROP TABLE neighbourhoods_ward; --',
        "1) UNION SELECT 1",
        MARK,
        '" onload="alert(1)',
    ),
    *(
        "{{ 7*7 }}",
        "{% debug %}",
        "${jndi:ldap://x}",
        "$(id)",
        "`id`",
        "|id",
        "__proto__",
        "%s%n%d",
        "{0.__class__}",
    ),
    # Ways to somewhere else.
    *("../../etc/passwd", "..%2f..%2f", "....//", "//evil.test", "https://evil.test/", "javascript:alert(1)"),
    *("/\\evil.test", "\\\\evil.test", "file:///etc/passwd", "/./", "..;/"),
    # Numbers that are none, or too large.
    *(
        "x" * 3_000,
        "-1",
        "0",
        "9" * 40,
        "9223372036854775808",
        "-9223372036854775809",
        "1e309",
        "NaN",
        "١٢٣",
        "²",
    ),
    *(
        "1.5",
        "true",
        "None",
        "null",
        "[]",
        "{}",
        "[[" * 500,
        "1,2,3",
        "1,x",
        ",",
        ".",
        "..",
        "a.pdf",
        "a.json.exe",
    ),
    # Nearly right.
    *("E05999999", "e05000001", "E0500000\u0661", "W07000041", "SW1A 0AA", "grange", "cni", "three-corners"),
    *(
        "2020",
        "0000",
        "2020-13-45",
        "2020-02-30",
        "9999999-01-01",
        "25:61",
        "add",
        "history",
        "change",
        "_all",
    ),
)

PARAMETERS: Final = (
    *(
        "q",
        "codes",
        "page",
        "p",
        "page_id",
        "cat",
        "year",
        "sort",
        "format",
        "next",
        "preview",
        "s",
        "feed",
        "m",
    ),
    *("url", "maxwidth", "maxheight", "name", "tag", "utm_source", "_method", "callback"),
)

OF_THE_DESK: Final = (
    *("e", "p", "q", "o", "all", "ot", "_popup", "_to_field", "_changelist_filters", "_facets", "next"),
    *("app_label", "model_name", "field_name", "term", "page", "CKEditorFuncNum", "id", "pk", "id__exact"),
    *(
        "state_is",
        "year",
        "kind",
        "kind__exact",
        "automatic__exact",
        "placed__year",
        "placed__month",
        "placed__day",
    ),
    *(
        "made_at__year",
        "uploaded_at__day",
        "loaded_at__month",
        "state__exact",
        "publisher",
        "region__code__exact",
    ),
    *(
        "authority__region__code__exact",
        "release__id__exact",
        "measure",
        "drawn",
        "is_staff__exact",
        "groups__id__exact",
    ),
    *(
        "pk__in",
        "id__isnull",
        "title__regex",
        "slug__contains",
        "password__startswith",
        "authority__in",
        "",
        "__",
    ),
)

METHODS: Final = (
    *(
        "OPTIONS",
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "get",
        "Get",
        "post",
        "X" * 300,
        "HEAD",
    ),
)

HEADERS: Final = {
    "HTTP_HOST": (
        "evil.test",
        "leftbehind.test:99999",
        "leftbehind.test@evil.test",
        "",
        "a b",
        "leftbehind.test.",
        "[::1",
    ),
    "HTTP_X_FORWARDED_HOST": ("evil.test",),
    "HTTP_X_ORIGINAL_URL": ("/admin/",),
    "HTTP_X_REWRITE_URL": ("/admin/",),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE", "POST"),
    "HTTP_X_FORWARDED_PROTO": ("https", "javascript"),
    "HTTP_X_FORWARDED_FOR": ("127.0.0.1", "'; --", "1.2.3.4, " * 50),
    "HTTP_FORWARDED": ("host=evil.test;proto=https",),
    "HTTP_ACCEPT_ENCODING": ("br;q=x", "*;q=0", "gzip, " * 200, "identity;q=0", "\x80", ";;;===,,,"),
    "HTTP_ACCEPT_LANGUAGE": ("xx-" * 100, "../../etc", "*;q=9"),
    "HTTP_ACCEPT": ("*/*;q=x", "application/json", "a" * 500),
    "HTTP_RANGE": (
        "bytes=0-0,1-1,2-2",
        "bytes=-",
        "bytes=9-1",
        "lines=1-2",
        "bytes=0-" + "9" * 30,
        "bytes=-0",
    ),
    "HTTP_IF_RANGE": ('"x"', "yesterday"),
    "HTTP_IF_NONE_MATCH": ("*", '"', 'W/"' * 90, "\x80", ", " * 300),
    "HTTP_IF_MODIFIED_SINCE": ("yesterday", "Mon, 99 Jan 99999 99:99:99 GMT", "0"),
    "HTTP_REFERER": ("https://evil.test/", MARK, "\x80"),
    "HTTP_USER_AGENT": (MARK, "", "() { :;}; id", "x" * 2_000),
    "HTTP_COOKIE": (
        "a=b; a=c",
        "csrftoken=x; sessionid=../../x",
        "=;=;=",
        "messages=x; a",
        "x=" + "y" * 9_000,
        "\x80=\x00",
    ),
    "CONTENT_TYPE": (
        "text/html",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 300,
        "\x80",
        "a;charset=x",
    ),
    "CONTENT_LENGTH": ("-1", "x", "9" * 30, "1"),
    "HTTP_TRANSFER_ENCODING": ("chunked", "gzip, chunked"),
    "HTTP_EXPECT": ("100-continue",),
}
"""Headers as the server names them → values."""
