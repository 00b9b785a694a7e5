"""AFD and AEJ: what is written keeps to the layout, by a check that shares no code with it."""

import importlib.util
import unittest
from pathlib import Path

from engine import brazil

CHECK = Path(__file__).resolve().parents[1] / "independent/check_brazil.py"
CPF, CNPJ = "52998224725", "11222333000181"
AT = "2026-03-02T08:00:00-0300"
EMPLOYER = {"employer_kind": "1", "employer": CNPJ, "employer_name": "Comércio Ação Ltda"}
HEADER = EMPLOYER | {
    "recorder": "512021000123456",
    "first": "2026-03-01",
    "last": "2026-03-31",
    "made_at": AT,
    "maker_kind": "2",
    "maker": CPF,
}


def judge():
    spec = importlib.util.spec_from_file_location("check_brazil", CHECK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check = judge().check


def afd(punch_kind="7"):
    number, lines, chain = 1, [], ""
    about = EMPLOYER | {"responsible": CPF, "place": "Valença"}
    lines.append(brazil.afd_line("2", {**about, "at": AT, "nsr": 1}))
    person = {"at": AT, "operation": "I", "cpf": CPF, "name": "João da Silva", "responsible": CPF}
    lines.append(brazil.afd_line("5", {**person, "nsr": 2}))
    for number, clock in enumerate(("08:00", "12:00", "13:00", "17:00"), 3):
        at = f"2026-03-02T{clock}:00-0300"
        punch = {"nsr": number, "at": at, "cpf": CPF, "stored_at": at, "collector": "04"}
        lines.append(brazil.afd_line(punch_kind, punch | {"offline": "0"}, chain))
        chain = brazil.afd_hash(lines[-1])
    return brazil.afd_file(HEADER, lines)


def aej():
    return brazil.aej_file(
        [
            ("01", "1", CNPJ, "", "", "Comércio", "2026-03-01", "2026-03-31", AT, "002"),
            ("02", 1, "3", "00512021000123456"),
            ("03", 1, CPF, "João | da Silva"),
            ("05", 1, AT, 1, "E", "001", "O", "H1", ""),
            ("05", 1, "2026-03-02T17:00:00-0300", "", "S", "001", "I", "", "esqueceu"),
            ("05", 1, "2026-03-02T17:01:00-0300", 1, "D", "000", "O", "", "double_tap"),
            ("04", "H1", 480, "0800", "1700"),
            ("07", 1, "3", "2026-03-03", 60, "1"),
            ("07", 1, "2", "2026-03-04", "", ""),
            ("08", "Biometric", "19.0", "1", CNPJ, "Maker", "maker@example.com"),
        ]
    )


class BrazilTest(unittest.TestCase):
    def test_rc10_what_is_written_keeps_to_the_layout(self):
        """RC10. Red when a field is at another place, a checksum or the chain is another, or a
        count is wrong."""
        for data in (afd("7"), afd("3"), aej()):
            self.assertEqual(check(data), [])

    def test_rc10_every_change_is_refused(self):
        """RC10. Red when the check lets a changed character of a checked record pass."""
        data = afd()
        lines = data.split(b"\r\n")
        for number, line in enumerate(lines[:-2]):
            for at in range(0, len(line), 7):
                other = bytes([line[at] ^ 1])
                changed = [*lines]
                changed[number] = line[:at] + other + line[at + 1 :]
                # The first chained record hangs on one before the file: its hash alone is free.
                if number == 3 and at < 73:
                    continue
                with self.subTest(line=number, at=at):
                    self.assertNotEqual(check(b"\r\n".join(changed)), [])

    def test_rc10_lost_added_and_exchanged_lines_are_refused(self):
        for data in (afd(), aej()):
            lines = data.split(b"\r\n")
            for number in range(len(lines) - 1):
                gone = lines[:number] + lines[number + 1 :]
                self.assertNotEqual(check(b"\r\n".join(gone)), [], number)
            twice = [*lines[:3], *lines[2:]]
            self.assertNotEqual(check(b"\r\n".join(twice)), [])

    def test_rc10_fields_of_the_aej_are_judged(self):
        for old, new in (
            (b"|E|001|O|H1|", b"|E|001|O||"),
            (b"|I||esqueceu", b"|I||"),
            (b"|60|1", b"||"),
            (b"|E|", b"|X|"),
            (b"05|1|", b"05|9|"),
            (b"|0800|1700", b"|0800|2460"),
            (b"|002\r\n", b"|001\r\n"),
        ):
            changed = aej().replace(old, new, 1)
            self.assertNotEqual(changed, aej())
            self.assertNotEqual(check(changed), [], new)

    def test_numbers_of_people_and_companies(self):
        self.assertEqual(brazil.crc16(b"123456789"), 0x2189)
        self.assertTrue(brazil.is_cpf(CPF))
        self.assertFalse(brazil.is_cpf("52998224724"))
        self.assertFalse(brazil.is_cpf("1" * 11))
        self.assertTrue(brazil.is_cnpj(CNPJ))
        self.assertTrue(brazil.is_cnpj("12ABC34501DE35"))
        self.assertFalse(brazil.is_cnpj("12ABC34501DE34"))
        self.assertEqual(brazil.digits("529.982.247-25"), CPF)
        self.assertEqual(brazil.latin("João 山 ﬁ"), "João ? fi")

    def test_a_number_too_long_is_refused(self):
        with self.assertRaisesRegex(ValueError, "cpf has more than 12 digits"):
            brazil.afd_line("3", {"nsr": 1, "at": AT, "cpf": "1" * 13})
