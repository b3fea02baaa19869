"""The snapshot: one HTML file with what matters in a disaster, for any web server to hold.

No script, no other file, no request to anywhere. Every answer, number, address and date is the knowledge's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby

from babel.dates import format_date, format_datetime

from adapters.messages import Phone
from bot.answers import OFFICE, pick
from bot.opening import LOCALES
from bot.snapshot_words import HTML_LANG, WORDS
from knowledge.models import LANGS, Entry, Knowledge, Lang, PhoneLine
from knowledge.phrases import LANGUAGE_NAMES, Phrases
from knowledge.review import Expired, expired, withheld
from knowledge.safety import ADVICE, Kind
from knowledge.safety_responses import Response

EMERGENCY_KINDS: tuple[Kind, ...] = ("medical", "poisoning", "advice_child", "advice_adult")
"""Kinds of danger whose lines mark a medical entry as one for emergencies."""
FIRST_PHONES = ("emergency.119", "emergency.110")
LETTERED: tuple[Lang, ...] = ("en", "pt", "es")

CSS = """
*,::before,::after{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--text);line-height:1.7;overflow-wrap:anywhere;
font-family:"Noto Sans JP","Noto Sans CJK JP","Hiragino Sans","Yu Gothic UI",Meiryo,system-ui,sans-serif}
:lang(zh-Hans){
font-family:"Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
header,main,footer{max-width:48rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.4}
h2{margin:2.5rem 0 1rem;padding-top:1rem;border-top:4px solid var(--primary);font-size:1.5rem;line-height:1.4}
h3{margin:2rem 0 1rem;font-size:1.3rem;line-height:1.4}
h4{margin:0;font-size:1.1rem;line-height:1.5}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible{outline:3px solid var(--focus);outline-offset:2px;box-shadow:0 0 0 6px var(--focus-halo)}
.skip{position:absolute;left:-999rem}
.skip:focus{position:static;display:inline-block;padding:.75rem}
nav ul{list-style:none;margin:0;padding:0}
nav ul ul{padding-left:1.25rem;columns:18rem;column-gap:1.5rem}
nav a,.towns a,.top{display:inline-block;min-height:2.75rem;padding:.5rem .25rem}
.languages ul,.towns{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:0;padding:0}
article,.note{margin:1rem 0;padding:1rem;
background:var(--surface);border:1px solid var(--line);border-radius:8px}
.danger article{border-color:var(--alert);border-width:2px}
.note{border-color:var(--primary);border-width:2px}
.phones{list-style:none;margin:.5rem 0;padding:0}
.phones a{display:inline-block;min-height:2.75rem;padding:.5rem 0;font-size:1.2rem;font-weight:700}
.phones p,.source{margin:0;color:var(--text-soft);font-size:.9rem}
.due{color:var(--alert);font-weight:700}
@media print{
nav,.skip,.top{display:none}
body{background:#fff;color:#000}
section.language{break-before:page}
article{break-inside:avoid}
main a[href^="http"]::after{content:" (" attr(href) ")";font-size:.8rem}
}
"""


@dataclass(frozen=True)
class Content:
    """What the page is made from. `made`: when (aware). `policy`: for answers past their review."""

    knowledge: Knowledge
    phrases: Phrases
    responses: dict[Kind, Response]
    made: datetime
    policy: Expired = "show"

    def essential(self) -> list[tuple[str, list[Entry]]]:
        """Return the entries of the page by area: all of disaster, of medical those for emergencies.

        What a topic offers first comes first.
        """
        lines = {phone for kind in EMERGENCY_KINDS if kind in self.responses
                 for phone in self.responses[kind].phones}  # fmt: skip
        found = []
        for area in ("disaster", "medical"):
            entries = [entry for entry in self.knowledge.entries.values() if entry.area == area]
            if area == "medical":
                entries = [entry for entry in entries if lines & set(entry.phones)]
            first = self.knowledge.areas[area].entries if area in self.knowledge.areas else []
            rank = {key: number for number, key in enumerate(first)}
            entries.sort(key=lambda entry: rank.get(entry.id, len(rank)))
            if entries:
                found.append((area, entries))
        return found


def snapshot(content: Content) -> str:
    """Return the page."""
    title = WORDS["title"]["ja"]
    languages = "".join(
        f'<li><a href="#{lang}" lang="{HTML_LANG[lang]}">{escape(LANGUAGE_NAMES[lang])}</a></li>'
        for lang in LANGS
    )
    sections = "".join(_language(content, lang) for lang in LANGS)
    made = " / ".join(
        (
            content.made.isoformat(timespec="minutes"),
            f"tochimado {version('tochimado')}",
            content.knowledge.digest[:12],
        )
    )
    return (
        f'<!doctype html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">\n"
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n'
        f"<style>\n{_colours()}{CSS}</style>\n</head>\n"
        '<body id="top">\n<a class="skip" href="#main">本文へ移動</a>\n'
        f'<header>\n<h1>{escape(title)}</h1>\n<nav class="languages" aria-label="言語 Language">'
        f'<ul>{languages}</ul></nav>\n</header>\n<main id="main" tabindex="-1">\n{sections}</main>\n'
        f"<footer>\n<p>{escape(made)}</p>\n</footer>\n</body>\n</html>\n"
    )


def _colours() -> str:
    """Return the colours of the chat page, light and dark, from its own stylesheet."""
    css = files("adapters").joinpath("web_static", "chat.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _language(content: Content, lang: Lang) -> str:
    areas = content.essential()
    parts = [_danger(content, lang)]
    listed = [f'<li><a href="#{lang}-danger">{escape(WORDS["danger"][lang])}</a></li>']
    for area, entries in areas:
        title = pick(content.knowledge.areas[area].title, lang)[0]
        inner = "".join(
            f'<li><a href="#{_anchor(lang, entry)}">{escape(pick(entry.title, lang)[0])}</a></li>'
            for entry in entries
        )
        listed.append(f'<li><a href="#{lang}-{area}">{escape(title)}</a><ul>{inner}</ul></li>')
        shown = "".join(_entry(content, entry, lang) for entry in entries)
        parts.append(f'<h3 id="{lang}-{area}">{escape(title)}</h3>\n{shown}')
    listed.append(f'<li><a href="#{lang}-towns">{escape(WORDS["towns"][lang])}</a></li>')
    when = format_datetime(content.made, "long", locale=LOCALES[lang])
    return (
        f'<section class="language" id="{lang}" lang="{HTML_LANG[lang]}" aria-labelledby="{lang}-name">\n'
        f'<h2 id="{lang}-name">{escape(LANGUAGE_NAMES[lang])}: {escape(WORDS["title"][lang])}</h2>\n'
        f'<p class="note">{escape(WORDS["copy"][lang].format(when=when))}</p>\n'
        f"{_phones(content, FIRST_PHONES, lang)}"
        f'<nav aria-label="{escape(WORDS["contents"][lang])}"><ul>{"".join(listed)}</ul></nav>\n'
        f"{''.join(parts)}{_towns(content, lang)}"
        f'<p><a class="top" href="#top">{escape(WORDS["top"][lang])}</a></p>\n</section>\n'
    )


def _danger(content: Content, lang: Lang) -> str:
    """Return what is said to people in danger, with every line and where it was read."""
    items = []
    for kind, response in content.responses.items():
        if kind in ADVICE:
            continue
        items.append(
            f"<article>\n<h4>{escape(response.first[lang])}</h4>\n<p>{escape(response.empathy[lang])}</p>\n"
            f"{_phones(content, response.phones, lang, dated=True)}"
            f"<p>{escape(response.voiceless[lang])}</p>\n</article>\n"
        )
    heading = f'<h3 id="{lang}-danger">{escape(WORDS["danger"][lang])}</h3>\n'
    return f'<div class="danger">\n{heading}{"".join(items)}</div>\n'


def _entry(content: Content, entry: Entry, lang: Lang) -> str:
    knowledge, phrases, today = content.knowledge, content.phrases, content.made.date()
    counter = knowledge.counters[entry.owner]
    hidden = withheld(entry, today, content.policy)
    answer, spoken = pick(entry.answer, lang)
    links = [(pick(link.title, lang)[0], link.url) for link in entry.links]
    body: list[str] = []
    if hidden:
        body.append(f'<p class="due">{escape(phrases.say("withheld", lang))}</p>\n')
        links = []
    else:
        if spoken != lang:
            body.append(f"<p>{escape(phrases.say('language-missing', lang))}</p>\n")
        other = f' lang="{HTML_LANG[spoken]}"' if spoken != lang else ""
        body.append(f"<div{other}>\n{''.join(_prose(answer))}</div>\n")
        if expired(entry, today):
            body.append(f'<p class="due">{escape(phrases.say("review-due", lang))}</p>\n')
        if entry.source.url and all(url != entry.source.url for _, url in links):
            links.append((entry.source.name, entry.source.url))
    owner = pick(counter.name, lang)[0]
    if counter.url and (hidden or not links):
        links.append((owner, counter.url))
    own = [counter.phone] if counter.phone and (hidden or expired(entry, today)) else []
    kept = [
        key for key in entry.phones if not hidden or entry.area == "medical" or key.startswith("emergency.")
    ]
    checked = format_date(entry.checked, "long", locale=LOCALES[lang])
    source = phrases.say("source", lang, source=entry.source.name, checked=checked, owner=owner)
    return (
        f'<article id="{_anchor(lang, entry)}">\n<h4>{escape(pick(entry.title, lang)[0])}</h4>\n'
        f"{''.join(body)}{_phones(content, [*kept, *own], lang)}{_links(links)}"
        f'<p class="source">{escape(source)}</p>\n</article>\n'
    )


def _prose(text: str) -> Iterator[str]:
    """Yield an answer as paragraphs and lists: `1. ` steps, `・` bullets."""
    for paragraph in text.strip().split("\n\n"):
        for kind, lines in groupby(paragraph.split("\n"), key=_line_kind):
            if kind == "p":
                yield f"<p>{'<br>'.join(escape(line) for line in lines)}</p>\n"
                continue
            items = "".join(f"<li>{escape(re.sub(r'^(・|[0-9]+[.] )', '', line))}</li>" for line in lines)
            yield f"<{kind}>{items}</{kind}>\n"


def _line_kind(line: str) -> str:
    if line.startswith("・"):
        return "ul"
    return "ol" if re.match(r"[0-9]+\. ", line) else "p"


def _phones(content: Content, ids: Iterable[str], lang: Lang, dated: bool = False) -> str:
    """Return the registered numbers; `dated`: with where and when each was read."""
    known = content.knowledge.phones
    lines = [_phone(known[key], lang, content, dated) for key in dict.fromkeys(ids) if key in known]
    return f'<ul class="phones">{"".join(lines)}</ul>\n' if lines else ""


def _phone(line: PhoneLine, lang: Lang, content: Content, dated: bool) -> str:
    label, hours, note = (
        pick(texts, lang)[0] if "ja" in texts else "" for texts in (line.label, line.hours, line.note)
    )
    more = [text for text in (hours, note) if text]
    if dated:
        checked = format_date(line.checked, "long", locale=LOCALES[lang])
        more.append(f"{line.source.name}（{checked}）")
    dial = Phone(label, line.number).dial
    details = f"<p>{' / '.join(escape(text) for text in more)}</p>" if more else ""
    return f'<li><a href="{escape(dial)}">{escape(label)} {escape(line.number)}</a>{details}</li>'


def _links(links: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{escape(url)}">{escape(title)}</a></li>' for title, url in links)
    return f"<ul>{items}</ul>\n" if items else ""


def _towns(content: Content, lang: Lang) -> str:
    """Return the pages of the prefecture and of every municipality: they know what holds today."""
    items = [
        f'<li><a href="{escape(town.url)}">{escape(town.romaji if lang in LETTERED else town.name)}</a></li>'
        for town in content.knowledge.municipalities.values()
    ]
    office = content.knowledge.counters.get(OFFICE)
    if office and office.url:
        items.insert(0, f'<li><a href="{escape(office.url)}">{escape(pick(office.name, lang)[0])}</a></li>')
    heading = f'<h3 id="{lang}-towns">{escape(WORDS["towns"][lang])}</h3>\n'
    return f'{heading}<ul class="towns">{"".join(items)}</ul>\n'


def _anchor(lang: Lang, entry: Entry) -> str:
    return f"{lang}-{entry.id.replace('.', '-')}"
