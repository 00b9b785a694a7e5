"""The two files that Brazil's labour inspection reads (Portaria MTP 671/2021): AFD, what was
punched, and AEJ, what became of it.

Owns how their lines are written: fields of fixed width with a checksum there, fields between bars
here. Layouts are data. Text is ISO 8859-1, lines end with CR LF; both files end with a line that
names the detached signature. Pure; must not know where the values come from.

Instants are texts `2026-03-02T08:00:00-0300`, dates `2026-03-02`.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

AFD_VERSION = "004"
AEJ_VERSION = "002"
SIGNATURE = "ASSINATURA_DIGITAL_EM_ARQUIVO_P7S"
# The number of an alternative recorder without a deposited agreement.
NO_AGREEMENT = "9" * 17
# Letters of a record of fixed width: n right-aligned with zeros, a left-aligned with blanks.
AFD: Mapping[str, Sequence[tuple[str, int, str]]] = {
    "1": (
        ("nsr", 9, "n"),
        ("type", 1, "n"),
        ("employer_kind", 1, "n"),
        ("employer", 14, "n"),
        ("site", 14, "n"),
        ("employer_name", 150, "a"),
        ("recorder", 17, "n"),
        ("first", 10, "a"),
        ("last", 10, "a"),
        ("made_at", 24, "a"),
        ("version", 3, "n"),
        ("maker_kind", 1, "n"),
        ("maker", 14, "n"),
        ("model", 30, "a"),
        ("crc", 4, "a"),
    ),
    "2": (
        ("nsr", 9, "n"),
        ("type", 1, "n"),
        ("at", 24, "a"),
        ("responsible", 14, "n"),
        ("employer_kind", 1, "n"),
        ("employer", 14, "n"),
        ("site", 14, "n"),
        ("employer_name", 150, "a"),
        ("place", 100, "a"),
        ("crc", 4, "a"),
    ),
    "3": (
        ("nsr", 9, "n"),
        ("type", 1, "n"),
        ("at", 24, "a"),
        ("cpf", 12, "n"),
        ("crc", 4, "a"),
    ),
    "5": (
        ("nsr", 9, "n"),
        ("type", 1, "n"),
        ("at", 24, "a"),
        ("operation", 1, "a"),
        ("cpf", 12, "n"),
        ("name", 52, "a"),
        ("more", 4, "a"),
        ("responsible", 11, "n"),
        ("crc", 4, "a"),
    ),
    "7": (
        ("nsr", 9, "n"),
        ("type", 1, "n"),
        ("at", 24, "a"),
        ("cpf", 12, "n"),
        ("stored_at", 24, "a"),
        ("collector", 2, "n"),
        ("offline", 1, "n"),
        ("hash", 64, "a"),
    ),
}
COUNTED = ("2", "3", "4", "5", "6", "7")
AEJ_KINDS = ("01", "02", "03", "04", "05", "06", "07", "08")


def latin(text: str) -> str:
    """Text in the letters of ISO 8859-1: others lose their marks, or become a question mark."""
    kept: list[str] = []
    for character in text:
        try:
            character.encode("latin-1")
            kept.append(character if character.isprintable() else " ")
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("latin-1", "ignore").decode()
            kept.append(plain or "?")
    return "".join(kept)


def digits(text: str) -> str:
    """A number as it is written in a file: without dots, strokes and blanks."""
    return "".join(character for character in text.upper() if character.isalnum())


def crc16(data: bytes) -> int:
    """CRC-16/KERMIT: `123456789` gives 0x2189."""
    value = 0
    for byte in data:
        value ^= byte
        for _bit in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value


def is_cpf(text: str) -> bool:
    """Whether eleven digits are a CPF, by its two check digits."""
    if len(text) != 11 or not text.isdecimal() or len(set(text)) == 1:
        return False
    for size in (9, 10):
        total = sum(int(text[at]) * (size + 1 - at) for at in range(size))
        if int(text[size]) != (10 * total % 11) % 10:
            return False
    return True


def is_cnpj(text: str) -> bool:
    """Whether fourteen characters are a CNPJ, by its check digits; letters count since 2026."""
    if len(text) != 14 or not text[12:].isdecimal() or not text.isascii():
        return False
    if not text.isalnum() or len(set(text)) == 1:
        return False
    for size in (12, 13):
        weights = [(size - 1 - at) % 8 + 2 for at in range(size)]
        total = sum((ord(text[at]) - 48) * weights[at] for at in range(size))
        rest = total % 11
        if int(text[size]) != (0 if rest < 2 else 11 - rest):
            return False
    return True


def employer_kind(number: str) -> str:
    """`1` for a CNPJ, `2` for a CPF, empty for neither."""
    return "1" if is_cnpj(number) else "2" if is_cpf(number) else ""


def afd_line(kind: str, values: Mapping[str, object], previous: str = "") -> str:
    """One record of an AFD; `previous`: the hash of the former record of type 7.

    ValueError where a number has more digits than its field."""
    text = ""
    for name, size, form in AFD[kind]:
        if name == "crc":
            text += f"{crc16(text.encode('latin-1')):04X}"
        elif name == "hash":
            text += hashlib.sha256((text + previous).encode("latin-1")).hexdigest()
        else:
            value = kind if name == "type" else str(values.get(name) or "")
            if form == "n":
                if len(value) > size:
                    raise ValueError(f"{name} has more than {size} digits: {value}")
                text += value.rjust(size, "0")
            else:
                text += latin(value)[:size].ljust(size)
    return text


def afd_hash(line: str) -> str:
    """The hash that a record of type 7 carries, and to which the next is chained."""
    return line[-64:]


def afd_file(header: Mapping[str, object], lines: Sequence[str]) -> bytes:
    """The file of these records, in the order of their numbers."""
    first = afd_line("1", {**header, "nsr": "0", "version": AFD_VERSION})
    counts = [sum(line[9] == kind for line in lines) for kind in COUNTED]
    last = "9" * 9 + "".join(f"{count:09d}" for count in counts) + "9"
    return _joined([first, *lines, last, SIGNATURE.ljust(100)])


def aej_file(records: Iterable[Sequence[object]]) -> bytes:
    """The file of these records, `(kind, field, …)` each, in the order of their kinds."""
    ordered = sorted(records, key=lambda record: str(record[0]))
    lines = ["|".join(_between_bars(value) for value in record) for record in ordered]
    counts = [sum(line.startswith(f"{kind}|") for line in lines) for kind in AEJ_KINDS]
    last = "|".join(["99", *map(str, counts)])
    return _joined([*lines, last, SIGNATURE.ljust(100)])


def _between_bars(value: object) -> str:
    text = "" if value is None else str(value)
    return latin(text).replace("|", "/").strip()


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
