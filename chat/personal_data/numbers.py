"""Find long numbers, written or said, and tell cards, telephone numbers and other identifying numbers apart."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import phonenumbers

from chat.personal_data.kinds import Finding, PersonalKind
from chat.personal_data.number_words import PLUS_WORDS, REPEATS, list_number_words

FEWEST_DIGITS = 7  # of a number that is removed without a word that says what it is
FEWEST_NAMED_DIGITS = 5  # with such a word
IDENTIFYING_DIGITS = 9  # a longer number identifies somebody or something, unless it is an amount or a date
CONTEXT = 48  # characters before a number that are searched for such a word
CHECKED_REGIONS = 6

# Numbers that are not personal, and that end a number before them: dates, times, amounts, versions, decimals.
IMPERSONAL = re.compile(
    r"(?<![\w.,])(?:"
    r"(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])(?![\d/-])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|1[0-2])[-./](?:19|20)\d\d(?![\d/-])"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d\d(?![\d/-])"
    r"|\d{1,3}(?:,\d{3}){1,5}(?:\.\d+)?(?![\d,-])|\d{1,3}(?:'\d{3}){1,5}(?![\d'-])|[1-9]\d{0,2}(?:\.\d{3}){1,5},\d+(?![\d-])"
    r"|\d{1,2}(?::\d\d){1,3}(?:[.,]\d+)?(?!\d)|(?:19|20)\d\d\s?-\s?(?:19|20)\d\d(?![\d-])|[1-9]\d{0,9}[.,]\d\d?(?![\d.-])"
    r")"
)
TOKEN = re.compile(r"\d+|\+|[^\W\d_]+(?:'[^\W\d_]+)?")
GAP = re.compile(r"[\s.\-()/,;_|*~:\[\]#]{0,4}")
SCRIPTS_WITHOUT_SPACES = re.compile(r"[零〇一幺二两三四五六七八九공영일이삼사오육칠팔구]")

PHONE_CONTEXT = re.compile(
    r"phone|\bcall(?:ed|ing)?\b|\bmobile|\bcell\b|\btext (?:me|us|him|her)|whats\s?app|\bfax|\btel\b|\btel[.:]|telef|t[ée]l[ée]phone|appel|"
    r"portable|anruf|handy|ruf(?:en|t)?\b|nummer\b|\bn[uú]mero\b|num[ée]ro|m[óo]vil|llam|celular|chiam|cellulare|telemóvel|ligue|"
    r"\bbel\b|mobiel|numer\b|zadzwo|komórk|телефон|номер|звон|puhelin|mobil|电话|手机|電話|携帯|전화|번호|हाथ|फोन|फ़ोन|नंबर|هاتف|رقم|جوال|"
    r"τηλ|\bnumber\b|reach (?:me|us|him|her)|contact|dial|ring me|sms|signal|viber",
    re.IGNORECASE,
)
CARD_CONTEXT = re.compile(
    r"\bcard\b|visa|master\s?card|amex|american express|credit|debit|karte|carte|tarjeta|carta|cart[ãa]o|kaart|kart|карт|卡|カード|카드",
    re.IGNORECASE,
)
ID_CONTEXT = re.compile(
    r"passport|passeport|reisepass|pasaporte|passaporto|licen[cs]e|account|customer|policy|member|social security|\bssn\b|\bssa\b|"
    r"tax|steuer|\bid\b|\bid[- ]|identi|ausweis|\bdni\b|\bnie\b|\bnif\b|\bcpf\b|\bnino\b|national insurance|s[ée]curit[ée] sociale|"
    r"versicherung|kunden|konto|cuenta|compte|conto|seguridad social|order|invoice|patient|medical|record|medicare|aadhaar|\bpan\b|"
    r"sort code|routing|swift|client|cliente|contract|vertrag|contrat|pesel|паспорт|счет|счёт|инн|снилс|身份证|护照|\bpin\b|cvv|cvc",
    re.IGNORECASE,
)
AMOUNT_BEFORE = re.compile(r"(?:[$€£¥₹₽]|\b(?:usd|eur|gbp|chf|rs|inr|jpy))\s?$", re.IGNORECASE)
AMOUNT_AFTER = re.compile(
    r"\s?(?:[$€£¥₹₽%]|(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|francs?|yen|rupees?|pesos?|percent|prozent|million|billion|thousand|"
    r"views?|users?|subscribers?|followers?|customers|people|frames?|pixels?|bytes?|bits?|kb|mb|gb|kbps|mbps|hz|khz|mhz|fps|ms|"
    r"seconds?|minutes?|hours?|times|units?|aufrufe|nutzer|einwohner|abonnenten|vues|personnes|habitants|personas|habitantes|visitas|"
    r"millionen|tausend|mille|mil)\b)",
    re.IGNORECASE,
)

# Regions whose national numbers are tried, by the language of the text.
REGIONS = {
    "en": ("US", "GB", "AU", "IN", "ZA", "IE"), "de": ("DE", "AT", "CH"), "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR", "CO", "CL"), "it": ("IT", "CH"), "pt": ("BR", "PT"), "nl": ("NL", "BE"), "pl": ("PL",),
    "ru": ("RU", "UA", "KZ"), "ja": ("JP",), "zh": ("CN", "TW", "HK"), "ko": ("KR",), "hi": ("IN",), "tr": ("TR",),
    "ar": ("EG", "SA", "AE", "MA"), "sv": ("SE",), "da": ("DK",), "fi": ("FI",), "cs": ("CZ",), "el": ("GR",),
    "hu": ("HU",), "ro": ("RO",), "uk": ("UA",), "no": ("NO",), "nb": ("NO",), "he": ("IL",), "id": ("ID",), "vi": ("VN",),
}  # fmt: skip
COMMON_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT")


@dataclass(slots=True)
class NumberRun:
    """Digits that follow each other, with the groups they are written in."""

    groups: list[tuple[str, int, int]] = field(default_factory=list)  # digits, start, end
    said: bool = False
    plus: bool = False
    start: int = 0
    sign_end: int = 0

    @property
    def digits(self) -> str:
        return "".join(group[0] for group in self.groups)

    @property
    def end(self) -> int:
        return self.groups[-1][2]


def find_numbers(text: str, language: str = "") -> Iterator[Finding]:
    """Yield the cards, telephone numbers and other identifying numbers of a folded text."""
    regions = REGIONS.get(language.partition("-")[0].lower(), COMMON_REGIONS)[:CHECKED_REGIONS]
    for run in _list_runs(text):
        yield from _classify_run(text, run, regions)


def _list_runs(text: str) -> Iterator[NumberRun]:
    """Yield the runs of at least `FEWEST_NAMED_DIGITS` digits. Numbers that are impersonal end a run."""
    run, languages = NumberRun(), set[str]()
    for digits, start, end, spoken in _list_groups(text):
        adjacent = bool(run.groups) or run.plus
        if adjacent:
            last = run.groups[-1][2] if run.groups else run.sign_end
            adjacent = start >= last and (gap := GAP.match(text, last)) is not None and gap.end() >= start
            if adjacent and "," in text[last:start]:
                adjacent = bool(spoken or run.said or len(digits) <= 2)
            adjacent = adjacent and not (spoken and languages and not languages & spoken)
        if not adjacent or digits == "":
            yield from _keep_long(run)
            run, languages = NumberRun(start=start), set()
        if digits == "+":
            if run.groups:
                yield from _keep_long(run)
                run, languages = NumberRun(start=start), set()
            run.plus, run.sign_end = True, end
            continue
        if digits:
            run.groups.append((digits, start, end))
            if spoken:
                run.said = True
                languages = languages & spoken if languages else set(spoken)
    yield from _keep_long(run)


def _keep_long(run: NumberRun) -> Iterator[NumberRun]:
    if sum(len(group[0]) for group in run.groups) >= FEWEST_NAMED_DIGITS:
        yield run


def _list_groups(text: str) -> Iterator[tuple[str, int, int, set[str]]]:
    """Yield digits, start, end and the languages they are said in (none if written); "+"; and "" for breaks."""
    table = list_number_words()
    breaks = ((match.start(), match.end()) for match in IMPERSONAL.finditer(text))
    skip = next(breaks, None)
    tokens: list[tuple[str, int, int]] = []
    for match in TOKEN.finditer(text):
        token, start, end = match.group(), match.start(), match.end()
        while skip and skip[1] <= start:
            skip = next(breaks, None)
        if skip and skip[0] <= start < skip[1]:
            yield from _read_words(tokens, table)
            tokens = []
            if start == skip[0]:
                yield "", start, end, set()
        elif token[0].isdigit() or token == "+":  # noqa: S105
            yield from _read_words(tokens, table)
            tokens = []
            yield token, start, end, set()
        elif SCRIPTS_WITHOUT_SPACES.match(token):
            yield from _read_words(tokens, table)
            tokens = []
            for index, character in enumerate(token):
                yield from _read_words([(character, start + index, start + index + 1)], table)
        else:
            tokens.append((token.casefold(), start, end))
            if len(tokens) >= 64:
                yield from _read_words(tokens, table)
                tokens = []
    yield from _read_words(tokens, table)


def _read_words(
    tokens: list[tuple[str, int, int]], table: dict[tuple[str, ...], dict[str, str]]
) -> Iterator[tuple[str, int, int, set[str]]]:
    """Yield the numbers among words; the longest run of words that names a number wins."""
    index, times, repeat = 0, 1, -1  # `repeat` is where a word such as "double" begins
    while index < len(tokens):
        word, start, end = tokens[index]
        if word in REPEATS:
            times, index, repeat = REPEATS[word], index + 1, start
            continue
        if word in PLUS_WORDS:
            yield "+", start, end, set()
            times, index = 1, index + 1
            continue
        for length in (4, 3, 2, 1):
            words = tuple(token[0] for token in tokens[index : index + length])
            if len(words) == length and (said := table.get(words)):
                digits = next(iter(said.values()))
                yield digits * times, repeat if times > 1 else start, tokens[index + length - 1][2], set(said)
                index += length
                break
        else:
            index += 1
        times = 1


def _classify_run(text: str, run: NumberRun, regions: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what a run of digits holds: cards first, then one telephone or other number in each rest."""
    rest: list[tuple[str, int, int]] = []
    card: Finding | None = None
    index, groups = 0, run.groups
    while index < len(groups):
        if length := _match_card(groups, index):
            start, end = groups[index][1], groups[index + length - 1][2]
            if rest and _count_digits(rest) < FEWEST_DIGITS:
                start, rest = rest[0][1], []
            yield from _classify_rest(text, run, rest, regions)
            card = Finding(PersonalKind.CARD, start, end)
            yield card
            rest = []
            index += length
        else:
            rest.append(groups[index])
            index += 1
    if card and rest and _count_digits(rest) < FEWEST_DIGITS:  # its code and its last month
        yield Finding(PersonalKind.CARD, card.start, rest[-1][2])
    else:
        yield from _classify_rest(text, run, rest, regions)


def _count_digits(groups: list[tuple[str, int, int]]) -> int:
    return sum(len(group[0]) for group in groups)


def _match_card(groups: list[tuple[str, int, int]], index: int) -> int:
    """Return how many groups from `index` on make a card number, or 0."""
    if groups[index][0][0] not in "23456":
        return 0
    digits, best = "", 0
    for length, group in enumerate(groups[index : index + 19], start=1):
        digits += group[0]
        if len(digits) > 19:
            break
        if len(digits) >= 13 and is_luhn_valid(digits) and (len(digits) in (14, 15, 16) or not best):
            best = length
            if len(digits) == 16:
                break
    return best


DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


def is_luhn_valid(digits: str) -> bool:
    """Return whether the last digit is the check digit of ISO/IEC 7812, and the digits are not all the same."""
    doubled = sum(map(DOUBLED.__getitem__, digits[-2::-2]))
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0 and digits.count(digits[0]) < len(digits)


def _classify_rest(
    text: str, run: NumberRun, groups: list[tuple[str, int, int]], regions: tuple[str, ...]
) -> Iterator[Finding]:
    digits = "".join(group[0] for group in groups)
    if len(digits) < FEWEST_NAMED_DIGITS:
        return
    plus = run.plus and groups[0] is run.groups[0]
    start, end = run.start if plus else groups[0][1], groups[-1][2]
    if start and text[start - 1] == "(":
        start -= 1
    before = text[max(0, start - CONTEXT) : start]
    kind = _choose_kind(digits, groups, plus, run.said, before, text[end : end + 24], regions)
    if kind:
        yield Finding(kind, start, end)


def _choose_kind(
    digits: str,
    groups: list[tuple[str, int, int]],
    plus: bool,
    said: bool,
    before: str,
    after: str,
    regions: tuple[str, ...],
) -> PersonalKind | None:
    kinds = {
        kind: max(match.end() for match in matches)
        for kind, matches in (
            (PersonalKind.PHONE, [*PHONE_CONTEXT.finditer(before)]),
            (PersonalKind.ID, [*ID_CONTEXT.finditer(before)]),
            (PersonalKind.CARD, [*CARD_CONTEXT.finditer(before)]),
        )
        if matches
    }
    named = max(kinds, key=lambda kind: kinds[kind]) if kinds else None
    if AMOUNT_BEFORE.search(before) or AMOUNT_AFTER.match(after):
        return None
    if plus and 7 <= len(digits) <= 15:
        return PersonalKind.PHONE
    if named is PersonalKind.CARD and len(digits) >= 12:
        return PersonalKind.CARD
    if PersonalKind.ID in kinds and named is not PersonalKind.PHONE:
        return PersonalKind.ID
    if _is_series([group[0] for group in groups]) and named is not PersonalKind.PHONE:
        return None
    if len(digits) < FEWEST_DIGITS:
        return PersonalKind.PHONE if named is PersonalKind.PHONE and len(digits) >= 6 else None
    if [len(group[0]) for group in groups] == [3, 2, 4] and digits[0] != "9":
        return PersonalKind.ID  # a social security number of the United States
    if named is PersonalKind.PHONE or _is_phone(digits, len(groups), regions):
        return PersonalKind.PHONE
    if said:
        return PersonalKind.PHONE if len(digits) <= 15 else PersonalKind.ID
    return PersonalKind.ID if len(digits) >= IDENTIFYING_DIGITS else None


def _is_series(groups: list[str]) -> bool:
    """Return whether groups count (1 2 3, 10 20 30), or are years, or a round amount (1 000 000)."""
    if len(groups) >= 2 and set(groups[1:]) == {"000"}:
        return True
    if all(len(group) == 4 and group[:2] in ("18", "19", "20") for group in groups):
        return True
    if len(groups) < 4:
        return False
    values = [int(group) for group in groups]
    steps = {after - before for before, after in pairwise(values)}
    return len(steps) == 1 and steps != {0}


@lru_cache(maxsize=4096)
def _is_phone(digits: str, groups: int, regions: tuple[str, ...]) -> bool:
    """Return whether a number without a word before it is a valid telephone number, and written like one."""
    if not 7 <= len(digits) <= 15 or (groups == 1 and digits[0] != "0" and len(digits) < IDENTIFYING_DIGITS):
        return False
    if digits.startswith("00"):
        digits, regions = "+" + digits[2:], ("ZZ",)
    for region in regions:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False
