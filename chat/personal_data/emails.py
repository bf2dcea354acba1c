"""Find e-mail addresses: written, spaced out, and said ("john dot smith at gmail dot com")."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

import re
from collections.abc import Iterator

from chat.personal_data.kinds import Finding, PersonalKind

AT_WORDS = [
    "at",
    "at-sign",
    "arroba",
    "arobase",
    "arrobase",
    "chiocciola",
    "ät",
    "klammeraffe",
    "małpa",
    "malpa",
    "собака",
    "snabel-a",
    "snabela",
    "apenstaartje",
    "kukac",
    "zavináč",
    "zavinac",
    "χώρα",
    "эт",
    "kuyruklu",
    "एट",
    "आर्थ",
]
DOT_WORDS = [
    "dot",
    "punkt",
    "punto",
    "point",
    "ponto",
    "точка",
    "nokta",
    "kropka",
    "piste",
    "prick",
    "tečka",
    "tecka",
    "punt",
    "डॉट",
    "ドット",
    "点",
    "نقطة",
]
JOINT_WORDS = [
    "underscore",
    "dash",
    "hyphen",
    "minus",
    "bindestrich",
    "unterstrich",
    "guion",
    "guión",
    "tiret",
    "souligné",
    "trattino",
    "hífen",
    "hifen",
    "underline",
    "plus",
    "подчеркивание",
    "дефис",
]

_AT = rf"""
    \s{{0,3}}@\s{{0,3}}
  | \s{{0,3}}[(\[{{<]\s?(?:at|@|arroba|arobase|ät|собака)\s?[)\]}}>]\s{{0,3}}
  | \s{{1,3}}(?:at\ sign|{"|".join(map(re.escape, AT_WORDS))})\s{{1,3}}
  | \s{{0,3}}(?:アットマーク|アット|골뱅이|آت)\s{{0,3}}
"""
AT = re.compile(_AT, re.VERBOSE | re.IGNORECASE)
_DOT = rf"(?:\s{{0,2}}[(\[{{<]\s?(?:dot|\.|punkt|punto|point|ponto)\s?[)\]}}>]\s{{0,2}}|\s{{1,3}}(?:{'|'.join(DOT_WORDS)})\s{{1,3}})"
TOP_LEVELS = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|app|dev|io|ai|co|me|tv|eu|uk|de|at|ch|fr|es|it|pt|nl|be|lu|ie|us|ca|mx|br|"
    "ar|cl|pe|pl|cz|sk|hu|ro|bg|gr|hr|si|rs|ua|ru|by|kz|se|no|dk|fi|is|ee|lv|lt|tr|il|ae|sa|eg|ma|ng|ke|za|in|pk|bd|lk|"
    "cn|hk|tw|jp|kr|vn|th|my|sg|id|ph|au|nz|online|shop|store|site|email|cloud|tech|agency|studio|video|media"
)
_LABEL = r"(?:(?:[^\W_]\s){2,12}[^\W_]\b|g\s?mail|hot\s?mail|out\s?look|i\s?cloud|proton\s?mail|[^\W_](?:[\w-]{0,62}))"
# A domain whose dots may be said, or stand apart from their words.
SAID_DOMAIN = re.compile(
    rf"{_LABEL}(?:(?:{_DOT}|\s?\.\s?|\s{{0,2}}-\s{{0,2}})(?:[^\W_][\w-]{{0,62}}))*?(?:{_DOT}|\s{{0,2}}\.\s{{0,2}})(?:{TOP_LEVELS})\b"
    rf"(?:(?:\.|{_DOT})(?:{TOP_LEVELS})\b)?",
    re.IGNORECASE,
)
WRITTEN_DOMAIN = re.compile(r"(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_][\w-]{1,62}|\[\d{1,3}(?:\.\d{1,3}){3}\]")
PROVIDER = re.compile(
    r"g\s?mail|googlemail|hot\s?mail|out\s?look|yahoo|i\s?cloud|proton|gmx\b|web\.de|t-online|aol|live\.|msn\.|yandex|mail\.|orange\.fr|"
    r"free\.fr|libero|wanadoo|laposte|qq\.|163\.|naver|uol\.|zoho|fastmail",
    re.IGNORECASE,
)

WINDOW = 120  # characters before @ that can belong to an address
# Read backwards from @: pieces of the local part and what joins them. The text is reversed for this.
_PIECE = r"[\w!#$%&'*+/=?^{|}~-]+"
_JOINTS = "|".join(re.escape(word[::-1]) for word in (*DOT_WORDS, *JOINT_WORDS))
_JOINT = rf"(?:\s?\.\s?|\s?[)\]}}>]\s?(?:tod|tknup|otnup|tniop|hsad|erocsrednu)\s?[(\[{{<]\s?|\s{{1,3}}(?:{_JOINTS})\s{{1,3}}|\s?[_-]\s?)"
SAID_LOCAL = re.compile(
    rf"(?:(?:[^\W_]\s){{1,30}}[^\W_](?!\w)|{_PIECE})(?:{_JOINT}(?:(?:[^\W_]\s){{1,30}}[^\W_](?!\w)|{_PIECE})){{0,6}}",
    re.IGNORECASE,
)
WRITTEN_LOCAL = re.compile(r"\"?[\w.!#$%&'*+/=?^{|}~-]+")
# "sven 84 at …", "sven eight four at …".
_SAID_DIGITS = "one|two|three|four|five|six|seven|eight|nine|zero|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|null|un|deux|trois|quatre|cinq|sept|huit|neuf|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
NUMBER_BEHIND_NAME = re.compile(
    rf"(?<!\w)[^\W\d_][\w.'-]{{1,30}}(?:\s(?:\d{{1,4}}|{_SAID_DIGITS})){{1,6}}\Z", re.IGNORECASE
)
# What is found "at" a site, in sentences that name no mailbox.
NO_MAILBOX = frozenset(
    [
        "look",
        "looking",
        "looked",
        "us",
        "me",
        "it",
        "here",
        "there",
        "visit",
        "available",
        "find",
        "found",
        "available",
        "online",
        "website",
        "site",
        "page",
        "shop",
        "pricing",
        "more",
        "arrive",
        "arrived",
        "meet",
        "live",
        "work",
        "working",
        "works",
        "worked",
        "be",
        "is",
        "are",
        "am",
        "was",
        "free",
        "store",
        "info's",
        "documentation",
        "docs",
        "out",
        "up",
        "also",
        "read",
        "listed",
        "hosted",
        "posted",
        "sign",
        "signed",
        "order",
        "buy",
        "join",
        "him",
        "her",
        "them",
        "you",
        "that",
        "this",
    ]
)
# "My e-mail is anna maria 84 at …": everything after the phrase belongs to the address.
INTRODUCTION = re.compile(
    r"\b(?:e-?\s?mails?|mail|correo(?:\selectrónico)?|courriel|e-mail-adresse|mailadresse|adresse|address|почта|indirizzo)\b"
    r"[^.@\n]{0,15}?(?:\b(?:is|ist|lautet|es|est|è|é|to|an|:)\s|:\s?)((?:[\w'-]+\s){0,6}?[\w'-]*)$",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Finding]:
    """Yield the e-mail addresses of a folded text."""
    end = 0
    for at in AT.finditer(text):
        if at.start() < end:
            continue
        if found := _match_around(text, at, end):
            end = found.end
            yield found


def _match_around(text: str, at: re.Match[str], floor: int) -> Finding | None:
    """Return the address around an @, or None. Nothing before `floor` belongs to it."""
    sign = at.group().strip()
    before = text[max(floor, at.start() - WINDOW) : at.start()]
    written = WRITTEN_DOMAIN.match(text, at.end())
    said = SAID_DOMAIN.match(text, at.end())
    domain = max((match for match in (written, said) if match), key=lambda match: match.end(), default=None)
    if domain is None or not before:
        return None
    reverse = before[::-1]
    spoken = sign != "@" or at.group() != "@" or _has_said_dot(domain.group())
    local = (SAID_LOCAL if spoken or before[-1:].isspace() else WRITTEN_LOCAL).match(reverse)
    if local is None:
        return None
    name = local.group()[::-1]
    if sign.isalpha() and not _is_mailbox(name, domain.group()):
        return None
    start = at.start() - local.end()
    if spoken and (number := NUMBER_BEHIND_NAME.search(before)):
        start = min(start, at.start() - len(before) + number.start())
    if spoken and (phrase := INTRODUCTION.search(before)):
        start = min(start, at.start() - len(before) + phrase.start(1))
    return Finding(PersonalKind.EMAIL, start, domain.end())


def _has_said_dot(domain: str) -> bool:
    return any(character.isspace() or character in "([{<" for character in domain)


def _is_mailbox(local: str, domain: str) -> bool:
    """Return whether "local at domain" with a said "at" is a mailbox rather than a place of a site."""
    return bool(PROVIDER.search(domain)) or local.rsplit(maxsplit=1)[-1].casefold() not in NO_MAILBOX
