"""Judges an AFD or AEJ by the layouts of Portaria MTP 671/2021, annexes V and VI, alone.

Owns: field positions, counts and checks, written from the layout a second time.

Must not know: any code of the project. `check(bytes)` gives the faults as a list of texts.
"""

import hashlib
import re
import sys
from pathlib import Path

LENGTHS = {"1": 302, "2": 331, "3": 50, "4": 73, "5": 118, "6": 36, "7": 137}
CHECKED = {"1": (299, 302), "2": (328, 331), "3": (47, 50), "4": (70, 73), "5": (115, 118)}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00[+-]\d{4}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SIGNATURE = "ASSINATURA_DIGITAL_EM_ARQUIVO_P7S" + " " * 67
# Positions, from 1, that hold an instant.
MOMENTS = {"1": [227], "2": [11], "3": [11], "4": [11, 35], "5": [11], "6": [11], "7": [11, 47]}
FIELDS = {"01": 10, "02": 4, "03": 4, "05": 9, "06": 3, "07": 6, "08": 7, "99": 9}


def _table():
    rows = []
    for start in range(256):
        value = start
        for _turn in range(8):
            value = value // 2 ^ (0x8408 if value % 2 else 0)
        rows.append(value)
    return rows


TABLE = _table()


def kermit(text):
    value = 0
    for byte in text.encode("latin-1"):
        value = (value >> 8) ^ TABLE[(value ^ byte) & 255]
    return f"{value:04X}"


def check(data):
    """Faults of a file, [] where it keeps to its layout."""
    faults = []
    try:
        text = data.decode("latin-1")
    except UnicodeDecodeError:
        return ["not ISO 8859-1"]
    if not text.endswith("\r\n") or text.replace("\r\n", "").count("\n"):
        faults.append("lines do not end with CR LF")
    lines = text.split("\r\n")[:-1]
    if "" in lines:
        faults.append("a blank line")
    if len(lines) < 3 or lines[-1] != SIGNATURE:
        return [*faults, "no line for the signature"]
    judge = _aej if lines[0].startswith("01|") else _afd
    return faults + judge(lines[:-1])


def _afd(lines):
    faults, counts, chain, last = [], dict.fromkeys("234567", 0), "", None
    if lines[0][:10] != "0000000001":
        faults.append("no header")
    for line in lines[:-1]:
        kind = line[9:10]
        if len(line) != LENGTHS.get(kind):
            faults.append(f"a record of type {kind} has {len(line)} positions")
            continue
        faults += _afd_record(kind, line)
        if kind == "1":
            continue
        counts[kind] += 1
        number = int(line[:9]) if line[:9].isdecimal() else -1
        if last is not None and number != last + 1:
            faults.append(f"number {number} follows {last}")
        last = number
        if kind == "7":
            held = hashlib.sha256((line[:73] + chain).encode("latin-1")).hexdigest()
            if chain and held != line[73:]:
                faults.append(f"the hash of number {number} does not follow the one before")
            chain = line[73:]
    expected = "9" * 9 + "".join(f"{counts[kind]:09d}" for kind in "234567") + "9"
    if lines[-1] != expected:
        faults.append("the trailer counts otherwise")
    return faults


def _afd_record(kind, line):
    faults = []
    if kind in CHECKED:
        first, end = CHECKED[kind]
        if line[first - 1 : end] != kermit(line[: first - 1]):
            faults.append(f"CRC of {line[:10]}")
    moments = [line[start - 1 : start + 23] for start in MOMENTS[kind]]
    if not all(map(MOMENT.fullmatch, moments)):
        faults.append(f"instant of {line[:10]}")
    if kind in "37" and not line[34:46].isdecimal():
        faults.append(f"CPF of {line[:10]}")
    if kind == "1":
        if not all(map(DAY.fullmatch, (line[206:216], line[216:226]))):
            faults.append("dates of the header")
        if line[10] not in "12" or line[250:253] != "004":
            faults.append("employer or version of the header")
    if kind == "7" and (line[70:72] not in ("01", "02", "03", "04", "05") or line[72] not in "01"):
        faults.append(f"collector of {line[:10]}")
    return faults


def _aej(lines):
    faults, counts = [], {}
    people, hours, recorders = set(), set(), set()
    order = [line.split("|")[0] for line in lines]
    if order != sorted(order):
        faults.append("records out of order")
    for line in lines:
        fields = line.split("|")
        kind = fields[0]
        counts[kind] = counts.get(kind, 0) + 1
        wrong = (
            len(fields) < 5 or len(fields) % 2 == 0
            if kind == "04"
            else (len(fields) != FIELDS.get(kind))
        )
        if wrong:
            faults.append(f"a record {kind} has {len(fields)} fields")
            continue
        if kind == "02":
            recorders.add(fields[1])
        elif kind == "03":
            people.add(fields[1])
            if not re.fullmatch(r"\d{11}", fields[2]) or not fields[3]:
                faults.append(f"person {fields[1]}")
        elif kind == "04":
            hours.add(fields[1])
            if not all(re.fullmatch(r"([01]\d|2[0-3])[0-5]\d", one) for one in fields[3:]):
                faults.append(f"clock of hours {fields[1]}")
        elif kind == "05":
            faults += _mark(fields, people, hours, recorders)
        elif kind == "07":
            faults += _absence(fields, people)
    head = lines[0].split("|")
    if head[1] not in ("1", "2") or not MOMENT.fullmatch(head[8]) or head[9] != "002":
        faults.append("header")
    expected = ["99", *(str(counts.get(f"0{kind}", 0)) for kind in range(1, 9))]
    if lines[-1].split("|") != expected:
        faults.append("the trailer counts otherwise")
    return faults


def _mark(fields, people, hours, recorders):
    _kind, person, moment, recorder, way, pair, source, code, why = fields
    faults = []
    if person not in people or (recorder and recorder not in recorders):
        faults.append(f"mark of nobody or of no recorder: {moment}")
    if not MOMENT.fullmatch(moment) or not re.fullmatch(r"\d{3}", pair):
        faults.append(f"form of a mark: {moment}")
    if way not in ("E", "S", "D") or source not in ("O", "I", "P", "X", "T"):
        faults.append(f"kind of a mark: {moment}")
    if source == "O" and not recorder:
        faults.append(f"no recorder: {moment}")
    if way == "E" and pair == "001" and code not in hours:
        faults.append(f"no contract hours: {moment}")
    if (way == "D" or source == "I") and not why:
        faults.append(f"no reason: {moment}")
    return faults


def _absence(fields, people):
    _kind, person, what, day, minutes, way = fields
    faults = []
    if person not in people or what not in ("1", "2", "3", "4") or not DAY.fullmatch(day):
        faults.append(f"absence of {day}")
    if what == "3" and (not minutes.isdecimal() or way not in ("1", "2")):
        faults.append(f"movement of {day}")
    return faults


if __name__ == "__main__":
    found = check(Path(sys.argv[1]).read_bytes())
    print("\n".join(found) or "keeps to the layout")
    sys.exit(1 if found else 0)
