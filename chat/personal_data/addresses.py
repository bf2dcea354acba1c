"""Find postal addresses: streets with house numbers, and postcodes with towns."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

import re
from collections.abc import Iterator

from chat.personal_data.kinds import Finding, PersonalKind

# Each pattern begins at a rare word or digit and reads a bounded number of words, so the time is linear.
_WORD = r"[^\W\d_][\w'-]{0,30}\.?"
_CAPITAL = r"(?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŠŽČĞİŞ][\w'-]{0,30}\.?)"
_PROPER = _CAPITAL.replace(r"\.?", "")
_TOWN = (
    rf"{_PROPER}(?:[ -](?:am|an der|im|bei|sur|en|de|del|de la|les|la|le|el|d'|{_PROPER})(?:[ -]?{_PROPER})?){{0,3}}"
)
_SAID_NUMBER = (
    r"(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|oh)[\s-]){1,5}"
)
_STREETS = (
    "street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|boulevard|blvd|court|ct|crescent|cres|close|square|sq|terrace|ter|place|pl|"
    "parkway|pkwy|highway|hwy|circle|cir|trail|trl|gardens|grove|mews|row|hill|walk|alley|broadway|quay|wharf|esplanade|parade"
)
_UNIT = r"(?:\s?,?\s?(?:apt|apartment|unit|suite|ste|flat|floor|room|#)\.?\s?(?:no\.?\s?)?[\w-]{1,6})?"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|"
    "TN|TX|UT|VT|VA|WA|WV|WI|WY|NSW|VIC|QLD|TAS|ACT|ON|QC|BC|AB|MB|NS|Alabama|Arizona|California|Colorado|Florida|Georgia|Illinois|"
    "Massachusetts|Michigan|Minnesota|Nevada|New York|North Carolina|Ohio|Oregon|Pennsylvania|Tennessee|Texas|Utah|Virginia|"
    "Washington|Wisconsin"
)
_UK_CODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_CANADA_CODE = r"[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d"
_US_END = rf"(?:,?\s(?:{_CAPITAL}\s?){{1,3}})?,?\s(?:{_STATES})\b\.?(?:,?\s\d{{5}}(?:-\d{{4}})?|,?\s\d{{4}}\b)?"
_UK_END = rf"(?:,?\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}){{0,2}},?\s(?:{_UK_CODE}|{_CANADA_CODE})\b"
_CODE_END = rf"\s?,?\s(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?:-\d{{3}})?\s?(?:[A-Z]{{2}}\s)?{_TOWN}"
# A town may follow a street, behind a comma.
_TOWN_END = rf",\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}(?=[,.;!?\n]|$|\s[a-z])"
_ENGLISH_END = rf"(?:{_US_END}|{_UK_END}|{_CODE_END}|{_TOWN_END})?"
_EUROPEAN_END = rf"(?:{_CODE_END}|,?\s(?:in|à|en|a)\s(?:\d{{5}}\s)?{_TOWN}|{_TOWN_END})?"

ENGLISH = re.compile(
    rf"(?<![\w.])(?:(?:flat|unit|apartment|apt|suite)\.?\s\w{{1,5}},?\s)?(?:\d{{1,5}}(?:-\d{{1,4}})?[a-z]?,?\s|{_SAID_NUMBER})"
    rf"(?:(?!(?:of|to|and|in|on|is|are|was|were|for|from|with|by|people|times|minutes|years|days|hours|percent|per|or|at|that|this|you|we|we'll|"
    rf"i|they|he|she|it|my|your|seconds|of)\b)(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}?(?:{_STREETS})\b\.?(?:\s(?:north|south|east|west|[NSEW]{{1,2}})\b)?",
    re.IGNORECASE,
)
ENGLISH_REST = re.compile(rf"{_UNIT}{_ENGLISH_END}")
SHORT_STREETS = frozenset(
    [
        "st",
        "dr",
        "ct",
        "pl",
        "av",
        "row",
        "hill",
        "walk",
        "close",
        "place",
        "court",
        "drive",
        "circle",
        "square",
        "trail",
        "ter",
        "ste",
        "close",
        "parade",
    ]
)
UNNUMBERED = re.compile(rf"(?<!\w)(?:{_CAPITAL}\s){{1,3}}(?:Street|Road|Avenue|Lane|Boulevard|Crescent)\s\d{{1,4}}\b")

GERMAN = re.compile(
    r"(?<!\w)(?:(?:[^\W\d_][\w.-]{1,30}\s){0,2}[^\W\d_]?[\w-]{0,30}"
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|graben|markt|hof|straat|laan|gracht|plein|kade|vej|gade|"
    r"gatan|vägen|gata|veien|katu|tie)\s(?:nummer\s|nr\.?\s)?\d{1,4}(?:\s?[a-hA-H]\b)?(?:\s?-\s?\d{1,4})?"
    r"|(?:[A-ZÄÖÜ][\w.-]{1,30}\s){1,2}(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Chaussee|Steig|Pfad|Markt|Hof)\s\d{1,4}(?:\s?[a-hA-H]\b)?"
    r"|(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den|Hinter der|Vor dem)\s[A-ZÄÖÜ][\w-]{2,30}\s\d{1,3}(?:\s?[a-hA-H]\b)?)(?!\d|[.,:]\d|\s?(?:%|€))"
)
GERMAN_TAIL = re.compile(r"(?:^|.*\s)(?=[A-ZÄÖÜ])", re.DOTALL)
FRENCH = re.compile(
    rf"(?<![\w.])(?:\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d])\b)?,?\s|(?:au\s)?numéro\s\d{{1,4}},?\s)(?:rue|avenue|av\.|boulevard|bd|blvd|place|chemin|allée|allées|impasse|quai|cours|route|"
    rf"square|passage|faubourg|esplanade|villa|sentier)\s(?:(?:de|du|des|la|le|les|l'|d'|et|en|sur|saint|sainte|général|maréchal|docteur|président)\s?|{_WORD}\s?){{1,4}}?(?:{_WORD}|\d{{1,2}}(?:\s\w{{3,9}}\s\d{{4}})?)(?!\w)",
    re.IGNORECASE,
)
SOUTHERN = re.compile(
    rf"(?<!\w)(?:calle|c/|avenida|avda\.?|av\.|plaza|paseo|camino|carrera|carretera|ronda|travesía|glorieta|callejón|via|viale|piazza|piazzale|corso|largo|vicolo|"
    rf"rua|r\.|travessa|praça|alameda|estrada|ulica|ul\.|aleja|al\.|ulice|ул\.|улица|проспект|пр\.|переулок)\s?(?:(?:de|del|della|delle|dei|la|las|los|el|da|do|das|dos|dell')\s?){{0,2}}"
    rf"{_WORD}(?:\s{_WORD}){{0,4}}?,?\s(?:(?:número|num\.?|n\.?\s?[ºo°]\.?|no\.?|nº|numero|número|km|д\.|дом)\s?)?\d{{1,4}}(?:\s?[a-dA-D]\b)?(?![\d:%]|[.,]\d)",
    re.IGNORECASE,
)
SOUTHERN_REST = re.compile(
    rf"(?:,\s(?:(?:piso|planta|puerta|escalera|portal|apto\.?|apartamento|interno|scala|int\.|m\.|кв\.|квартира)\s?[\w-]{{1,6}}|\d{{1,2}}[ºª°]?\s?[A-Da-d]?\b)){{0,2}}{_EUROPEAN_END}",
    re.IGNORECASE,
)
EUROPEAN_REST = re.compile(_EUROPEAN_END)
EAST_ASIAN = re.compile(
    r"(?:〒\s?)?(?:\d{3}-\d{4}\s?)?[\u4e00-\u9fff]{2,4}[省市都道府県][\u4e00-\u9fff\u3040-\u30ff]{1,12}[区县郡市町村路街][\u4e00-\u9fff\u3040-\u30ff]{0,12}"
    r"(?:\d{1,4}(?:丁目|番地?|号|號|弄|-|楼|室)?){1,6}|[가-힣]{2,8}[시도]\s[가-힣]{1,6}[구군시]\s[가-힣]{1,10}[로길동]\s?\d{1,4}(?:-\d{1,4})?"
)
POSTCODES = re.compile(
    rf"(?<![\w.,-])(?:{_UK_CODE}(?!\w)|{_CANADA_CODE}(?!\w)|\d{{4}}\s[A-Z]{{2}}\s{_CAPITAL}(?!\w)|(?:D|A|CH|F|I|E|B|L)-\d{{4,5}}\s{_TOWN})"
    rf"|(?<!\w){_CAPITAL}(?:\s{_CAPITAL}){{0,2}},?\s(?:{_STATES})\.?,?\s\d{{5}}(?:-\d{{4}})?(?!\d)"
)
CODE_AND_TOWN = re.compile(rf"(?<![\w.,:-])(?:\d{{5}}|\d{{2}}-\d{{3}}|\d{{3}}\s\d{{2}})\s({_TOWN})(?!\w)")
# What a capital word after five digits can be when it is no town.
NO_TOWN = re.compile(
    r"(?:Euro|Dollar|Pfund|Franken|Yen|Views?|Users?|People|Aufrufe|Nutzer|Menschen|Einwohner|Kunden|Zuschauer|Stück|Mal|Frames?|Bilder|Pixel|"
    r"Followers?|Subscribers?|Abonnenten|Meter|Kilometer|Hertz|Hz|Kelvin|Watt|Tonnen|Stunden|Minuten|Sekunden|Tage|Jahre|Leute|Personen|"
    r"Zeichen|Wörter|Besucher|Teilnehmer|Mitarbeiter|Exemplare|Likes?|Downloads?|USD|EUR|GBP|CHF|MB|GB|KB|RPM|Uhr|Mark|Prozent|And|The|It|We|I|You)\b"
)
PO_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box|Postfach|Apartado(?:\sde\scorreos)?|Casella postale|BP)\s?(?:n[ºo°.]\s?)?\d{2,7}\b",
    re.IGNORECASE,
)


def find_addresses(text: str) -> Iterator[Finding]:
    """Yield the addresses of a folded text."""
    for match in ENGLISH.finditer(text):
        words = match.group().rstrip(".").split()
        street = (
            words[-2] if words[-1].casefold() in ("n", "s", "e", "w", "north", "south", "east", "west") else words[-1]
        )
        if street.casefold() in SHORT_STREETS and not (street[0].isupper() and words[-2][0].isupper()):
            continue
        yield _extend(text, match.start(), match.end(), ENGLISH_REST)
    for match in UNNUMBERED.finditer(text):
        yield _extend(text, match.start(), match.end(), ENGLISH_REST)
    for match in GERMAN.finditer(text):
        start = match.start() + _skip_small_words(match.group())
        yield _extend(text, start, match.end(), EUROPEAN_REST)
    for match in FRENCH.finditer(text):
        yield _extend(text, match.start(), _include_capitals(text, match.end()), EUROPEAN_REST)
    for match in SOUTHERN.finditer(text):
        yield _extend(text, match.start(), match.end(), SOUTHERN_REST)
    for pattern in (EAST_ASIAN, POSTCODES, PO_BOX):
        for match in pattern.finditer(text):
            yield Finding(PersonalKind.ADDRESS, match.start(), match.end())
    for match in CODE_AND_TOWN.finditer(text):
        if not NO_TOWN.match(match.group(1)):
            yield Finding(PersonalKind.ADDRESS, match.start(), match.end())


def _extend(text: str, start: int, end: int, rest: re.Pattern[str]) -> Finding:
    """Return an address with the flat, postcode and town that follow."""
    match = rest.match(text, end)
    return Finding(PersonalKind.ADDRESS, start, match.end() if match else end)


CAPITALS = re.compile(rf"(?:[\s-](?:(?:de|du|des|la|le|les|et)\s|l'|d')?{_CAPITAL}){{1,3}}")


def _include_capitals(text: str, end: int) -> int:
    """Return the end of the capital words that follow `end`: the rest of a street's name."""
    match = CAPITALS.match(text, end)
    return match.end() if match else end


def _skip_small_words(street: str) -> int:
    """Return how many characters before the name of a street do not belong to it: words in small letters."""
    skipped = 0
    words = re.split(r"(?<=\s)", street)
    while len(words) > 2 and not words[0][0].isupper():
        skipped += len(words.pop(0))
    return skipped
