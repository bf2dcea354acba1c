"""Remove personal data from a text: placeholders stand for what was found."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.personal_data.addresses import find_addresses
from chat.personal_data.emails import find_emails
from chat.personal_data.folding import fold
from chat.personal_data.identifiers import find_ibans, find_identifiers
from chat.personal_data.kinds import Finding, PersonalKind
from chat.personal_data.names import find_names
from chat.personal_data.numbers import find_numbers
from chat.personal_data.recognizer import recognize_names

# Which kind wins where two overlap and are of one length.
ORDER = (*(kind for kind in PersonalKind if kind is not PersonalKind.NAME), PersonalKind.NAME)


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without personal data, and what was removed, as intervals of the input in their order."""

    text: str
    found: tuple[Finding, ...]


def remove_personal_data(text: str, language: str = "", *, with_models: bool = True) -> Redaction:
    """Return `text` with placeholders such as [EMAIL] for personal data.

    `language` is an ISO 639-1 code. It chooses the countries whose telephone numbers are tried. Patterns and phrases
    are tried in every language, in linear time. If Presidio and a spaCy model of the language are installed, they find
    more names, and take more time: only workers call this. `with_models=False` leaves them out, for the web process.
    """
    folded = fold(text)
    findings = [
        *find_emails(folded.text),
        *find_ibans(folded.text),
        *find_identifiers(folded.text),
        *find_numbers(folded.text, language),
        *find_addresses(folded.text),
        *find_names(folded.text),
        *(recognize_names(folded.text, language) if with_models else ()),
    ]
    found = tuple(
        Finding(finding.kind, *folded.locate(finding.start, finding.end)) for finding in merge_findings(findings)
    )
    parts, end = [], 0
    for finding in found:
        parts += [text[end : finding.start], finding.kind.placeholder]
        end = finding.end
    return Redaction("".join([*parts, text[end:]]), found)


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings that do not overlap. Those that do become one, of the kind of the longest."""
    merged: list[Finding] = []
    longest = 0
    for finding in sorted(findings, key=lambda one: (one.start, -one.end, ORDER.index(one.kind))):
        length = finding.end - finding.start
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            longest = length
        elif length > longest or finding.end > merged[-1].end:
            kind = finding.kind if length > longest else merged[-1].kind
            merged[-1] = Finding(kind, merged[-1].start, max(merged[-1].end, finding.end))
            longest = max(longest, length)
    return merged
