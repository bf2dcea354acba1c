"""The words for 0 to 99 in the languages whose speakers say long numbers in digits or in pairs."""

# ruff: noqa: E501 -- a pattern is easier to read with its alternatives on one line

from functools import cache

# 0 to 9, with other words for the same digit after a slash.
DIGITS = {
    "en": "zero/oh/o/nought/naught one two three four five six seven eight nine/niner",
    "de": "null eins/ein zwei/zwo drei vier fünf/fuenf sechs sieben acht neun",
    "fr": "zéro/zero un/une deux trois quatre cinq six sept huit neuf",
    "es": "cero uno/un dos tres cuatro cinco seis siete ocho nueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pt": "zero um/uma dois/duas três/tres quatro cinco seis/meia sete oito nove",
    "nl": "nul een/één twee drie vier vijf zes zeven acht negen",
    "sv": "noll ett/en två tre fyra fem sex sju åtta nio",
    "da": "nul en/et to tre fire fem seks syv/sju otte/åtte ni",
    "fi": "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "cs": "nula jedna/jeden dva/dvě tři čtyři pět šest sedm osm devět",
    "ro": "zero unu doi/două trei patru cinci șase/şase șapte/şapte opt nouă",
    "hu": "nulla egy kettő/két három négy öt hat hét nyolc kilenc",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
    "id": "nol/kosong satu dua tiga empat lima enam tujuh delapan/lapan sembilan",
    "ru": "ноль/нуль один/одна два/две три четыре пять шесть семь восемь девять",
    "uk": "нуль один два три чотири п'ять шість сім вісім дев'ять",
    "el": "μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά/εφτά οκτώ/οχτώ εννέα/εννιά",
    "ar": "صفر واحد اثنان/اثنين ثلاثة اربعة/أربعة خمسة ستة سبعة ثمانية تسعة",
    "hi": "शून्य एक दो तीन चार पांच/पाँच छह/छः/छे सात आठ नौ",
    "hi-Latn": "shunya/zero ek do teen chaar/char paanch/panch chhe/chhah saat aath nau",
    "zh": "零/〇 一/幺 二/两 三 四 五 六 七 八 九",
    "ko": "공/영 일 이 삼 사 오 육 칠 팔 구",
    "ja": "ゼロ/零/〇 いち/一 に/二 さん/三 よん/四 ご/五 ろく/六 なな/七 はち/八 きゅう/九",
}
# 10 to 19, then the tens from 20 to 90.
TEENS_AND_TENS = {
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn "
    "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf "
    "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "es": "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve "
    "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove "
    "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove "
    "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien "
    "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
}
REPEATS = {
    "double": 2, "triple": 3, "doppel": 2, "zweimal": 2, "dreimal": 3, "double-": 2, "doble": 2, "doppio": 2, "duplo": 2,
}  # fmt: skip
PLUS_WORDS = frozenset(["plus", "más", "mas", "più", "mais", "плюс", "πλην", "artı", "plusz"])


@cache
def list_number_words() -> dict[tuple[str, ...], dict[str, str]]:
    """Return the digits that each run of case-folded words stands for, by language."""
    table: dict[tuple[str, ...], dict[str, str]] = {}

    def add(language: str, words: str, digits: str) -> None:
        table.setdefault(tuple(words.replace("-", " ").casefold().split()), {})[language] = digits

    for language, line in DIGITS.items():
        for digit, names in enumerate(line.split()):
            for name in names.split("/"):
                add(language, name, str(digit))
    for language, line in TEENS_AND_TENS.items():
        words = line.split()
        units = [names.split("/") for names in DIGITS[language].split()]
        for value, word in enumerate(words[:10], start=10):
            add(language, word, str(value))
        for ten, word in enumerate(words[10:], start=2):
            add(language, word, str(ten * 10))
            for unit in range(1, 10):
                for name in units[unit]:
                    for joined in _join(language, word, ten, unit, name):
                        add(language, joined, str(ten * 10 + unit))
    for unit, word in enumerate(
        ["onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"], start=1
    ):
        add("fr", f"soixante {word}", str(70 + unit))
        add("fr", f"quatre-vingt {word}", str(90 + unit))
    add("en", "hundred", "00")
    add("de", "hundert", "00")
    add("fr", "quatre-vingts", "80")
    add("fr", "soixante et onze", "71")
    return table


def _join(language: str, word: str, ten: int, unit: int, name: str) -> list[str]:
    """Return the ways to say a ten and a unit."""
    if language == "de":
        return [f"{name}und{word}"]
    if language == "nl":
        return [f"{name}{'ën' if name.endswith('e') else 'en'}{word}"]
    if language == "fr":
        return [f"{word} et {name}", f"{word} {name}"] if unit == 1 else [f"{word} {name}"]
    if language == "es":
        return [f"veinti{name}", f"{word} y {name}"] if ten == 2 else [f"{word} y {name}"]
    if language == "it":
        stem = word[:-1] if unit in (1, 8) else word
        return [f"{stem}{'tré' if unit == 3 else name}", f"{stem}{name}"]
    if language == "pt":
        return [f"{word} e {name}"]
    return [f"{word} {name}"]
