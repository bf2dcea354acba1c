"""Find names of persons by rules: phrases that introduce a name, titles, greetings, and common given names."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chat.personal_data.kinds import Finding, PersonalKind


def _read_words(name: str) -> frozenset[str]:
    """Return the words of a file of this folder."""
    return frozenset(Path(__file__).with_name(name).read_text(encoding="utf-8").split())


# Given names that are ordinary words too: a capital alone does not make them names, a surname or a phrase does.
AMBIGUOUS = _read_words("ambiguous_names.txt")
# Words that are no part of a name where one may stand, in small letters.
NO_NAMES = _read_words("ordinary_words.txt")
_CAPITAL = r"(?:(?:Mc|Mac|O'|D'|L'|Al-|El-)?[A-ZÀ-ÖØ-ÞĀ-ſΑ-ΩΆ-ΏА-ЯЁІЇЄҐ][^\W\d_]{1,24}(?:['-][^\W\d_]{1,20}){0,2})"
_INITIAL = r"(?:[A-ZÀ-ÖØ-Þ]\.)"
_PARTICLE = r"(?:(?:van der|van den|van de|von der|de la|de los|de las|van|von|zu|de|da|do|dos|di|del|della|du|bin|bint|ibn|al|el|le|ter|ten|y|abu)\s)"
SURNAMES = re.compile(rf"(?:\s(?:{_INITIAL}\s?|{_PARTICLE})?{_CAPITAL}){{1,3}}")
CAPITAL_WORD = re.compile(rf"(?<![\w@./'-]){_CAPITAL}(?!\w)")
INTRODUCTIONS = re.compile(
    r"\b(?:my (?:full |first |last )?name(?:'s| is)|(?:his|her|their|the customer's|the client's) name(?:'s| is| was)|(?:i am|i'm) called|call me|they call me|"
    r"i go by|this is|you're speaking (?:with|to)|speaking with|spoke (?:with|to)|talk(?:ed|ing)? (?:with|to)|i'm|i am|it's|named|name:|"
    r"ich heiße|ich heisse|mein name ist|ich bin(?: der| die)?|hier ist|hier spricht|sein name ist|ihr name ist|"
    r"je m'appelle|mon nom est|je suis|ici|il s'appelle|elle s'appelle|moi c'est|me llamo|mi nombre es|soy|se llama|le habla|habla|"
    r"mi chiamo|il mio nome è|sono|si chiama|meu nome é|me chamo|chamo-me|eu sou(?: o| a)?|sou(?: o| a)|aqui é(?: o| a)?|"
    r"ik heet|mijn naam is|ik ben|jag heter|mitt namn är|jeg hedder|jeg heter|mit navn er|nimeni on|minun nimeni on|olen|"
    r"nazywam się|mam na imię|jestem|jmenuji se|jmenuju se|volám sa|mă numesc|numele meu este|a nevem|hívnak|benim adım|adım|ismim|"
    r"nama saya|tên tôi là|меня зовут|мо[её] имя|мене звати|με λένε|ονομάζομαι|jina langu ni|mera naam|aku|naam)\s+",
    re.IGNORECASE,
)
# After these, a word in small letters is a name too, unless it is an ordinary word.
STRONG = re.compile(
    r"name|called|call me|go by|heiß|heiss|m'appelle|s'appelle|nom est|llamo|nombre|llama|chiamo|nome|chiama|chamo|heet|naam|heter|"
    r"hedder|navn|namn|nimeni|nazywam|imię|jmenuj|volám|numesc|numele|nevem|hívnak|adım|ismim|nama|tên|зовут|звати|имя|λένε|ονομάζ|jina",
    re.IGNORECASE,
)
TITLES = re.compile(
    r"(?<![\w.])(?:Mr|Mrs|Ms|Miss|Mx|Mister|Dr|Doctor|Prof|Professor|Sir|Madam|Lady|Herrn?|Frau|Fräulein|Monsieur|Madame|Mademoiselle|Mme|Mlle|Señora?|Señorita|"
    r"Sr|Sra|Srta|Don|Doña|Signora?|Signorina|Sig|Dott|Senhora?|Meneer|Mevrouw|Pani?|Fru|Bay|Bayan|Sheikh|Shri|Smt|Captain|Sergeant|Judge|Senator|"
    r"Господин|Госпожа|Pan|Κύριε|Κυρία)\.?\s(?=[A-ZÀ-ÞĀ-ſА-ЯΑ-Ω])"
)
SMALL_TITLES = re.compile(
    r"\b(?:mr|mrs|ms|mister|frau|herr|monsieur|madame|señora?|signora?|senhora?)\.?\s([^\W\d_]{3,20})\b"
)
GREETINGS = re.compile(
    r"\b(?:hi|hello|hey|dear|thanks|thank you|cheers|regards|sincerely|welcome|bye|goodbye|good morning|good afternoon|good evening|sorry|over to you|"
    r"hallo|guten (?:tag|morgen|abend)|liebe|lieber|danke|tschüss|grüße|bonjour|bonsoir|salut|merci|cher|chère|hola|buenos días|buenas tardes|gracias|"
    r"querid[oa]|estimad[oa]|ciao|buongiorno|grazie|car[oa]|olá|oi|bom dia|obrigad[oa]|hoi|dag|bedankt|hej|tack|cześć|dziękuję|merhaba|привет|"
    r"здравствуйте|спасибо|γεια)[,!]?\s+",
    re.IGNORECASE,
)
OTHER_SCRIPTS = re.compile(
    r"(?:我叫|我的名字是|我的名字叫|我姓|他叫|她叫)(?P<zh>[\u4e00-\u9fff]{2,4}?)(?=[,。,.!!?\s、和的在来]|$)|(?P<sama>[\u4e00-\u9fff]{1,4}|[\u30a0-\u30ff]{2,8})(?:さん|様|先生|くん|ちゃん|女士|小姐)"
    r"|(?:私は|名前は|私の名前は)(?P<ja>[\u4e00-\u9fff\u30a0-\u30ff]{2,8}?)(?=です|と申|と言|といい)|(?P<mosu>[\u4e00-\u9fff\u30a0-\u30ff]{2,8})(?:と申します|といいます)"
    r"|(?:제 이름은|저는|이름은)\s?(?P<ko>[가-힣]{2,4}?)(?=입니다|이에요|예요|이라고|라고)|(?P<nim>[가-힣]{2,4})\s?(?:씨|님)(?![가-힣])"
    r"|(?:اسمي|أنا اسمي|انا اسمي|السيد|السيدة|الدكتور)\s(?P<ar>[\u0621-\u064a]{2,15}(?:\s(?!من|في|و)[\u0621-\u064a]{2,15})?)"
    r"|(?:मेरा नाम|श्री|श्रीमती)\s(?P<hi>[\u0900-\u097f]{2,20}(?:\s(?!है|हैं)[\u0900-\u097f]{2,20})?)|(?:שמי|קוראים לי)\s(?P<he>[\u05d0-\u05ea]{2,15}(?:\s[\u05d0-\u05ea]{2,15})?)"
    r"|(?:ผมชื่อ|ฉันชื่อ|คุณ)\s?(?P<th>[\u0e00-\u0e7f]{2,20})"
)
# "Bogumił said", "… with Bogumił Adamek from".
SAYING = re.compile(
    rf"(?<![\w@./'-])({_CAPITAL}(?:\s{_PARTICLE}?{_CAPITAL}){{0,2}})(?=\s(?:said|says|asked|asks|told|tells|mentioned|replied|answered|agreed|thinks|thought|"
    rf"wants|wanted|called|emailed|wrote|joined|signed|speaking|here[,.]|and I\b|sagte|sagt|meinte|fragte|a dit|dit|demande|dijo|dice|preguntó|ha detto|disse|zei|sa)\b)"
)
# After these, one capital word is a name only if it is a given name: nouns of German have capitals, and "it's Monday".
WEAK = re.compile(
    r"ich bin|^i'm|^i am|^it's|^this is|je suis|ici|^soy|^sono|^sou|ik ben|jestem|^olen|hier ist|habla|^aku",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_][\w'-]{0,30}(?!\w)")
LONG_SURNAME = 4  # letters of a surname that is removed wherever else it stands


@cache
def list_given_names() -> frozenset[str]:
    """Return common given names of many languages, in small letters."""
    return _read_words("given_names.txt")


def find_names(text: str) -> Iterator[Finding]:
    """Yield the names of persons in a folded text, and every other place of a surname that was found."""
    spans = [match.span(match.lastgroup or 0) for match in OTHER_SCRIPTS.finditer(text)]
    spans += [(match.end(), _read_name(text, match.end(), strong=True)) for match in TITLES.finditer(text)]
    spans += [match.span(1) for match in SMALL_TITLES.finditer(text) if match.group(1) not in NO_NAMES]
    for match in INTRODUCTIONS.finditer(text):
        strong = bool(STRONG.search(match.group()))
        end = _read_name(text, match.end(), strong)
        name = text[match.end() : end]
        if name and (strong or " " in name or _is_given(name) or _is_called(text, match.group(), end)):
            spans.append((match.end(), end))
    spans += [match.span(1) for match in SAYING.finditer(text) if not _is_ordinary(match.group(1))]
    for match in GREETINGS.finditer(text):
        end = _read_name(text, match.end(), strong=False)
        if end > match.end() and (_is_given(text[match.end() : end]) or _is_address_form(text, end)):
            spans.append((match.end(), end))
    given = list_given_names()
    for match in CAPITAL_WORD.finditer(text):
        first = match.group().casefold()
        if first not in given and first.partition("-")[0] not in given and first not in AMBIGUOUS:
            continue
        surname = SURNAMES.match(text, match.end())
        end = _trim(text, match.end(), surname.end()) if surname else match.end()
        if first not in AMBIGUOUS or (end > match.end() and first in given):
            spans.append((match.start(), end))
    spans = [span for span in spans if span[1] > span[0]]
    for start, end in spans:
        yield Finding(PersonalKind.NAME, start, end)
    yield from _find_again(text, spans)


def _read_name(text: str, start: int, strong: bool) -> int:
    """Return the end of the name that begins at `start`, or `start` if none does."""
    word = WORD.match(text, start)
    if not word or word.group().casefold() in NO_NAMES:
        return start
    if capital := CAPITAL_WORD.match(text, start):
        surname = SURNAMES.match(text, capital.end())
        return _trim(text, capital.end(), surname.end()) if surname else capital.end()
    if not word.group()[0].islower() or not (strong or (_is_given(word.group()) and word.group() not in AMBIGUOUS)):
        return start
    if text[word.end() : word.end() + 1] == " " and (following := WORD.match(text, word.end() + 1)):
        last = following.group()
        if last.casefold() not in NO_NAMES and last[0].islower() and (strong or len(last) >= LONG_SURNAME):
            return following.end()
    return word.end()


def _is_called(text: str, phrase: str, end: int) -> bool:
    """Return whether an unknown capital word after "this is" or "soy" is somebody who speaks or is spoken to."""
    if not WEAK.match(phrase):
        return True
    return bool(
        re.match(r"\s(?:from|with|at|calling|speaking|here|vom|von|aus|de|du|da|del|dal)\b", text[end : end + 12])
    ) and not re.match(r"ich bin|je suis", phrase, re.IGNORECASE)


def _is_ordinary(name: str) -> bool:
    return any(word.casefold() in NO_NAMES for word in name.split())


def _trim(text: str, first: int, end: int) -> int:
    """Return where a name ends: before the first word behind its given name that is an ordinary word."""
    for word in WORD.finditer(text, first, end):
        if word.group().casefold() in NO_NAMES and word.group()[0].isupper():
            return first
        if word.group()[0].isupper():
            first = word.end()
    return first


def _is_given(name: str) -> bool:
    first = re.split(r"[\s-]", name, maxsplit=1)[0].casefold()
    return first in list_given_names() or first in AMBIGUOUS


def _is_address_form(text: str, end: int) -> bool:
    """Return whether a word after a greeting ends like somebody who is addressed: "Hi Xiu,"."""
    return text[end : end + 1] in (",", "!", ".", "", "\n", ":", "?")


def _find_again(text: str, spans: list[tuple[int, int]]) -> Iterator[Finding]:
    """Yield the other places of the surnames that were found, where they begin with a capital."""
    words = {word.group() for start, end in spans for word in WORD.finditer(text, start, end)}
    names = {
        word for word in words if len(word) >= LONG_SURNAME and word[0].isupper() and word.casefold() not in AMBIGUOUS
    }
    for match in CAPITAL_WORD.finditer(text) if names else ():
        if match.group() in names:
            yield Finding(PersonalKind.NAME, match.start(), match.end())
