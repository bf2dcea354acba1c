"""Find bank accounts, and the numbers of persons that hold letters or have their own shape."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

import re
from collections.abc import Iterator

from chat.personal_data.kinds import Finding, PersonalKind

# Characters of an IBAN by country, from the registry of ISO 13616.
_LENGTHS = (
    "NO15 BE16 DK18 FI18 FO18 GL18 NL18 SD18 FK18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 MN20 CR22 HR21 LI21 LV21 CH21 "
    "BG22 BH22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 TL23 OM23 SO23 AD24 CZ24 MD24 PK24 RO24 SA24 SE24 SK24 "
    "ES24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 DZ26 BI27 FR27 GR27 IT27 MC27 MR27 SM27 DJ27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 "
    "LB28 PL28 SV28 NI28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 MT31 SC31 LC32 RU33"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
IBAN_BEGIN = re.compile(r"(?<![^\W_])([A-Za-z])[\s.-]?([A-Za-z])[\s.-]{0,2}(\d)[\s.-]?(\d)")
SEPARATORS = " .-\t\n\xa0"

SHAPES = re.compile(
    r"(?<![\w.-])(?:"
    r"\d{3}[-\s.]\d{2}[-\s.]\d{4}"  # social security, United States
    r"|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][\s-]?\d\d[\s-]?\d\d[\s-]?\d\d[\s-]?[A-D]"  # national insurance, United Kingdom
    r"|\d{2}[.\s]?\d{3}[.\s]?\d{3}[-\s]?[A-HJ-NP-TV-Z]|[XYZ][-\s]?\d{7}[-\s]?[A-Z]"  # DNI and NIE, Spain
    r"|[A-Z]{6}\s?\d{2}[A-EHLMPRST]\d{2}\s?[A-Z]\d{3}[A-Z]"  # codice fiscale, Italy
    r"|\d{3}\.\d{3}\.\d{3}[-.]\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"  # CPF and CNPJ, Brazil
    r"|[12]\s\d{2}\s(?:0\d|1[0-2])\s(?:\d{2}|2[AB])\s\d{3}\s\d{3}(?:\s\d{2})?"  # numéro de sécurité sociale, France
    r"|[A-Z]{5}\d{4}[A-Z]"  # PAN, India
    r"|[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d"  # passport and identity card, Germany
    r"|(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}"  # IPv4
    r"|(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}"  # MAC
    r")(?![\w-]|\.\d)"
)
NAMED_ID = re.compile(
    r"\b(?:passport|reisepass|passeport|pasaporte|passaporto|driv(?:er'?s|ing) licen[cs]e|licen[cs]e|personalausweis|ausweis|account|customer|"
    r"policy|membership|member|national insurance|social security|ssn|tax id|steuer-?id|steuernummer|kunden|konto|versicherungs|dni|nie|nif|"
    r"identity card|carte d'identité|carta d'identità|cuenta|compte|client|cliente|patient|medical record|order|contract|case|reference)"
    r"(?:\s?-?(?:numbers?|no\b\.?|num\b\.?|nr\b\.?|nummer|número|numéro|numero|id|card|#))?(?:\s(?:is|ist|es|est|è|é|lautet))?\s?[:#]?\s?"
    r"((?=[A-Za-z]{0,6}[\s-]?\d)[A-Za-z\d]+(?:[-\s/.](?=[A-Za-z]{0,3}\d)[A-Za-z\d]+){0,6})\b",
    re.IGNORECASE,
)
FEWEST_DIGITS = 4  # of an identifier after the words that name it


def find_ibans(text: str) -> Iterator[Finding]:
    """Yield the IBANs of a folded text whose check digits are right, or that follow the word IBAN."""
    for begin in IBAN_BEGIN.finditer(text):
        length = IBAN_LENGTHS.get((begin.group(1) + begin.group(2)).upper())
        if not length:
            continue
        symbols, end = [], begin.start()
        for position in range(begin.start(), min(len(text), begin.start() + 3 * length)):
            character = text[position]
            if character in SEPARATORS:
                continue
            if not (character.isascii() and character.isalnum()):
                break
            symbols.append(character)
            end = position + 1
            if len(symbols) == length:
                break
        if len(symbols) < length or text[end : end + 1].isalnum():
            continue
        if is_iban_valid("".join(symbols)) or "iban" in text[max(0, begin.start() - 30) : begin.start()].casefold():
            yield Finding(PersonalKind.IBAN, begin.start(), end)


def is_iban_valid(iban: str) -> bool:
    """Return whether the remainder of ISO 7064 is 1."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def find_identifiers(text: str) -> Iterator[Finding]:
    """Yield identifiers that have a shape of their own, or a word before them that names them."""
    for match in SHAPES.finditer(text):
        yield Finding(PersonalKind.ID, match.start(), match.end())
    for match in NAMED_ID.finditer(text):
        if sum(character.isdigit() for character in match.group(1)) >= FEWEST_DIGITS:
            yield Finding(PersonalKind.ID, match.start(1), match.end(1))
