# ruff: noqa: E501  (what is pasted stays as it was pasted)
"""What may stand in a text: nothing that acts, nothing that Word leaves behind, always the same form."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appg.html import ATTRIBUTES, SCHEMES, TAGS, clean, plain

pytestmark = pytest.mark.once

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x0d\x0a>alert(1)</script>",
    "<script/xss src='//evil.example'>",
    "<<script>alert(1);//<</script>",
    '<img src="x" onerror="alert(1)" alt="x">',
    '<img src=x onerror=alert(1)//alt="x">',
    '<img """><script>alert(1)</script>">',
    "<img src=`javascript:alert(1)` alt=x>",
    '<img src="javascript:alert(1)" alt="x">',
    '<img src="data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+" alt="x">',
    '<img src="x" alt="x" srcset="//evil.example/1 1x">',
    '<img src="/a.png" alt="x" style="background:url(//evil.example)">',
    '<img src="/a.png" alt="&quot;><script>alert(1)</script>">',
    '<img src="/a.png" alt="x" usemap="#m"><map name="m"><area href="javascript:alert(1)"></map>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="java\0script:alert(1)">x</a>',
    '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>',
    '<a href="&#x6A;avascript&colon;alert(1)">x</a>',
    '<a href="javascript&#58;alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="blob:https://evil.example/1">x</a>',
    '<a href="https://x.example" onclick="alert(1)">x</a>',
    '<a href="https://x.example" target="_blank" ping="https://evil.example">x</a>',
    '<a href="https://x.example" style="position:fixed;inset:0">x</a>',
    '<a xlink:href="javascript:alert(1)">x</a>',
    '<svg onload="alert(1)"></svg>',
    '<svg><script>alert(1)</script></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><animate onbegin="alert(1)" attributeName="x"></svg>',
    '<svg><set attributeName="href" to="javascript:alert(1)"></svg>',
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table><td><svg><style><img src=x onerror=alert(1)></style></svg></td></table>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    '<p style="background-image:url(javascript:alert(1))">x</p>',
    "<p style='color:red' style=x>x</p>",
    '<p style="width:expression(alert(1))">x</p>',
    '<div style="position:fixed">x</div>',
    '<link rel="stylesheet" href="//evil.example/x.css">',
    '<base href="//evil.example/">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="javascript:alert(1)"></object>',
    '<embed src="javascript:alert(1)">',
    '<applet code="x"></applet>',
    '<frameset><frame src="javascript:alert(1)"></frameset>',
    '<video><source onerror="alert(1)"></video>',
    '<audio src="x" onerror="alert(1)"></audio>',
    '<video poster="javascript:alert(1)"></video>',
    '<body onload="alert(1)">',
    '<input autofocus onfocus="alert(1)">',
    '<button formaction="javascript:alert(1)">x</button>',
    '<form action="javascript:alert(1)"><input type="submit"></form>',
    '<isindex action="javascript:alert(1)">',
    '<details open ontoggle="alert(1)">x</details>',
    '<marquee onstart="alert(1)">x</marquee>',
    '<keygen autofocus onfocus="alert(1)">',
    '<select autofocus onfocus="alert(1)"></select>',
    '<textarea autofocus onfocus="alert(1)"></textarea>',
    '<dialog open onclose="alert(1)">x</dialog>',
    '<p id="x" class="y" contenteditable onblur="alert(1)">x</p>',
    '<p/onmouseover="alert(1)">x</p>',
    '<p\nonmouseover\n=\n"alert(1)">x</p>',
    '<b onmouseover="alert(1)">x</b>',
    '<h1 onclick="alert(1)">x</h1>',
    '<td background="javascript:alert(1)">x</td>',
    '<table background="javascript:alert(1)"><tr><td>x</td></tr></table>',
    '<blockquote cite="javascript:alert(1)">x</blockquote>',
    '<ol start="1" onclick="alert(1)"><li>x</li></ol>',
    '<img src="x><script>alert(1)</script>">',
    '<img src="x><script>alert(1)</script>" alt="">',
    '<a href="x><script>alert(1)</script>">x</a>',
    '<img src="x" alt="<p> </p><script>alert(1)</script>">',
    '<a href="#_<script>alert(1)</script>">x</a>',
    "<!--><script>alert(1)</script>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    '<?php echo "<script>alert(1)</script>" ?>',
    "<!DOCTYPE html><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<custom-element onclick=alert(1)>x</custom-element>",
    "<x onclick=alert(1)>x</x>",
    "<title><script>alert(1)</script></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<noembed><script>alert(1)</script></noembed>",
    "<textarea></textarea><script>alert(1)</script>",
    "<a href='x'onclick='alert(1)'>x",
    "\ufeff<script>alert(1)</script>",
    "<scrip\u0442>alert(1)</scrip\u0442>",
    "<\u0000script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
]  # fmt: skip


class _Reader(HTMLParser):
    """Reads what was kept and refuses what may not be there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()), (tag, name)
            if name in ("href", "src"):
                scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", value or "", re.IGNORECASE)
                assert scheme is None or scheme[1].lower() in SCHEMES, value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment was kept: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration was kept: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction was kept: {data}")


def check(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return html


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "<p>Before {} after</p>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</td></tr></table>"])  # fmt: skip
def test_nothing_that_acts_gets_through(attack: str, around: str) -> None:
    kept = check(clean(around.format(attack)))
    assert not re.search(r"<(script|style|svg|math|iframe|object|embed|form|input|meta|link|base)\b", kept)
    assert clean(kept) == kept


def test_what_is_text_stays_text() -> None:
    assert clean("&lt;script&gt;alert(1)&lt;/script&gt;") == "&lt;script&gt;alert(1)&lt;/script&gt;\n"
    assert clean("<p>O’Neill &amp; Sons, “quoted”, 3 < 4</p>") == (
        "<p>O’Neill &amp; Sons, “quoted”, 3 &lt; 4</p>\n"
    )


# As Word, Outlook and LibreOffice put it on the clipboard, cut down.
WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns:m="http://schemas.microsoft.com/office/2004/12/omml"
xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=Generator content="Microsoft Word 15"><link rel=File-List href="file:///C:/x/filelist.xml">
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- /* Font Definitions */ @font-face {font-family:"Cambria Math";}
p.MsoNormal, li.MsoNormal {mso-style-unhide:no; margin:0cm;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='margin-top:12.0pt'><a name="_Toc1"></a><span style='font-size:16.0pt;mso-fareast-font-family:Calibri'>A
heading<o:p></o:p></span></h1>
<p class=MsoNormal style='margin-bottom:8.0pt'><span lang=EN-GB style='font-family:"Calibri",sans-serif'>The
group met in <st1:place w:st="on"><st1:City w:st="on">Grimsby</st1:City></st1:place> on <b><span
style='mso-bidi-font-weight:normal'>22&nbsp;September</span></b>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]><span lang=EN-GB>A point<o:p></o:p></span></p>
<p class=MsoNormal><i style='mso-bidi-font-style:normal'><span lang=EN-GB>Said one of them</span></i><del
cite="mailto:x" datetime="2021"> removed</del><span class=MsoCommentReference><a
href="#_msocom_1">[A1]</a></span></p>
<table class=MsoTableGrid border=1 cellspacing=0 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'><td
width=301 valign=top style='width:225.4pt'><p class=MsoNormal><span lang=EN-GB>Cell<o:p></o:p></span></p></td></tr>
</table>
<!--[if gte vml 1]><v:shape id="_x0000_i1025"><v:imagedata src="file:///C:/x/image001.png"/></v:shape><![endif]-->
<![if !vml]><img width=200 height=100 src="file:///C:/x/image001.png" v:shapes="_x0000_i1025"><![endif]>
<!--EndFragment--></body></html>"""


def test_what_word_leaves_on_the_clipboard_leaves_no_rubbish() -> None:
    kept = check(clean(WORD))
    for rubbish in (
        "mso",
        "Mso",
        "o:p",
        "st1:",
        "style",
        "class",
        "span",
        "lang",
        "file:",
        "xml",
        "font",
        "if !",
    ):
        assert rubbish not in kept, rubbish
    assert "<h2>A heading</h2>\n" in kept
    assert "<p>The group met in Grimsby on <strong>22 September</strong>.</p>\n" in kept
    assert "<td>Cell</td>" in kept
    assert "<em>Said one of them</em>" in kept
    assert "<p></p>" not in kept
    assert clean(kept) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("<p></p>", ""),
        ("<p> <br> </p><p>&nbsp;</p>", ""),
        ("<h1>A</h1><h5>B</h5><h6 id=x>C</h6>", "<h2>A</h2>\n<h4>B</h4>\n<h4>C</h4>\n"),
        ("<p>a <b>b</b> <i>c</i> <strong>d</strong></p>", "<p>a <strong>b</strong> <em>c</em> <strong>d</strong></p>\n"),
        ("<ul><li><p>one</p></li><li>two</li></ul>", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ('<p><a href="https://x.example" rel="nofollow">x</a></p>', '<p><a href="https://x.example">x</a></p>\n'),
        ('<p><a href="/a/#b">x</a> <a href="mailto:a@b.example">y</a></p>', '<p><a href="/a/#b">x</a> <a href="mailto:a@b.example">y</a></p>\n'),
        ('<figure class="figure"><img src="/files/1/a.png" alt="A hall"><figcaption class="figure-caption">In Grimsby</figcaption></figure>', '<figure>\n<img src="/files/1/a.png" alt="A hall"><figcaption>In Grimsby</figcaption>\n</figure>\n'),
        ('<figure><img src="/files/1/a.png" alt=""></figure>', ""),
        ('<p>x<img src="/files/1/a.png"></p>', "<p>x</p>\n"),
        ('<table style="min-width: 50px"><colgroup><col style="min-width: 25px"></colgroup><tbody><tr><th colspan="1" rowspan="1"><p>A</p></th></tr><tr><td colspan="1" rowspan="2"><p>1</p></td></tr></tbody></table>', '<table>\n<tbody>\n<tr>\n<th>A</th>\n</tr>\n<tr>\n<td rowspan="2">1</td>\n</tr>\n</tbody>\n</table>\n'),
        ("<p>H<sub>2</sub>O, m<sup>2</sup>, one<br>two</p>", "<p>H<sub>2</sub>O, m<sup>2</sup>, one<br>two</p>\n"),
    ],
)  # fmt: skip
def test_the_form_that_is_kept(given: str, kept: str) -> None:
    assert clean(given) == kept


_TAG = st.sampled_from([*sorted(TAGS), "b", "i", "h1", "h5", "span", "div", "script", "style", "svg", "o:p"])
_TEXT = st.text(alphabet="ab <>&\"'/=\n\t\u00a0’é!-[]", max_size=12)
_PIECE = st.one_of(
    _TEXT,
    _TAG.map("<{}>".format),
    _TAG.map("</{}>".format),
    st.sampled_from(
        [
            '<img src="/a.png" alt="x">',
            "<img src=/a.png>",
            '<a href="https://x.example">',
            '<a href="javascript:x">',
            '<td colspan="1">',
            '<th scope="col">',
            "&nbsp;",
            "&lt;",
            "&amp;lt;",
            "<!-- x -->",
        ]
    ),
)


@given(st.lists(_PIECE, max_size=25).map("".join))
@settings(max_examples=400)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    kept = check(clean(html))
    assert clean(kept) == kept


def test_of_what_does_not_come_to_rest_the_text_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appg.html._MOST_ROUNDS", 1)
    left = clean('<h1 onclick="x()">A &amp; b</h1><script>alert(1)</script>')
    monkeypatch.undo()
    assert left == clean(left) == "A &amp; b\n"


def test_plain_is_the_text_alone() -> None:
    assert plain("<p>a <strong>b</strong> &amp; c</p>\n<p>&lt;d&gt;</p>\n") == "a b & c <d>"
    assert plain("<p>one<br>two</p>\n") == "one two"
