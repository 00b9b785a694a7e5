"""From the lines of a payroll file to a program's: sums, numbers, codes, and what is refused."""

import unittest
from datetime import date

from engine import formats, payroll, program
from engine.payroll import Employee, Line
from engine.program import Code, Person, Setting

ANA, BEN = Employee("000001"), Employee("000002")
PEOPLE = {
    "000001": Person("000118", "Ana", "Reyes", "", "10"),
    "000002": Person("000119", "Ben", "Cruz"),
}
CODES = {
    "REG": Code("200", "regular"),
    "OT": Code("210", "overtime"),
    "HOL": Code("220", "extra"),
    "ND": Code("220", "extra"),
}
DAY = date(2026, 11, 2)


def line(who, day, code, minutes):
    return Line(who, date(2026, 11, day), code, code.lower(), minutes)


# 7 hours 35 minutes five times: 37.92 hours, though five rounded lines give 37.90
WEEK = [line(ANA, day, "REG", 455) for day in range(2, 7)] + [
    line(ANA, 3, "HOL", 50),
    line(ANA, 4, "ND", 25),
    line(BEN, 2, "REG", 480),
    line(BEN, 2, "OT", 95),
]


def setting(name, **values):
    return Setting(name, date(2026, 11, 1), date(2026, 11, 30), **({"batch": "00000007"} | values))


# what each program asks of a company
SETTINGS = {
    "adp_wfn": {"company": "QZ7"},
    "adp_run": {"company": "R9XYZ", "frequency": "M"},
    "paychex_spi": {"company": "0071Q2K5"},
    "gusto": {},
    "quickbooks_iif": {"company": "Cebu", "second": "1700000000"},
    "xero": {},
    "myob_account_right": {},
    "myob_exo": {"company": "cebu"},
    "employment_hero": {},
    "sage_ie": {},
    "lodas_standard": {"company": "10042", "second": "1234567"},
    "lodas_stunden": {"company": "10042", "second": "1234567"},
    "lug_calendar": {"company": "10042", "second": "1234567"},
    "lug_month": {"company": "10042", "second": "1234567"},
    "silae": {"columns": (("Mat", "matricule"), ("Code", "code"), ("Val", "valeur"))},
}
PLAIN = [item for item in WEEK if item.pay_code in ("REG", "OT")]


def made(name, lines=None, codes=None, people=None, **values):
    codes = codes or {
        "silae": {code: Code(one.text, one.column, "HS") for code, one in CODES.items()},
        "myob_exo": {code: Code("1", one.column, "W") for code, one in CODES.items()},
        "lug_calendar": {code: Code(one.text) for code, one in CODES.items()},
    }.get(name, CODES)
    people = people or (
        {key: Person(f"AB{one.number[-4:]}", one.first, one.last) for key, one in PEOPLE.items()}
        if name == "gusto"
        else PEOPLE
    )
    return program.program_file(
        setting(name, **SETTINGS[name]), codes, people, PLAIN if lines is None else lines, **values
    )


class ProgramTest(unittest.TestCase):
    def refused(self, word, message, *args, **values):
        with self.assertRaises(formats.Refused) as caught:
            made(*args, **values)
        self.assertEqual(caught.exception.word, word)
        self.assertRegex(str(caught.exception), message)

    def test_every_program_gets_every_minute(self):
        """Red if a program is added that has no writer, or one leaves a sum out."""
        self.assertEqual(set(SETTINGS), set(formats.PROFILES))
        for name in SETTINGS:
            with self.subTest(name):
                file = made(name)
                self.assertEqual(file.minutes, sum(item.minutes for item in PLAIN))
                self.assertEqual(sum(hours for _code, hours in file.by_code), file.hundredths)
                text = file.data.decode(formats.PROFILES[name].encoding)
                for number in (
                    ("118", "119")
                    if name not in ("gusto", "quickbooks_iif", "xero")
                    else (
                        "Reyes",
                        "Cruz",
                    )
                ):
                    self.assertIn(number, text)
                self.assertTrue(file.name)

    def test_minutes_are_added_before_hours_are_rounded(self):
        """Red if each line is rounded by itself: 5 x 7.58 is 37.90."""
        for name, point in (("adp_wfn", "."), ("lodas_stunden", ","), ("sage_ie", ".")):
            self.assertIn(f"37{point}92", made(name).data.decode())
        file = made("adp_wfn")
        self.assertEqual(file.hundredths, 3792 + 800 + 158)

    def test_two_codes_of_ours_may_be_one_of_the_programs(self):
        """Red if the second replaces the first, or both stand with one code: importers add or
        refuse the second."""
        text = made("lug_month", WEEK).data.decode()
        self.assertIn("000118;220;;;1,25;", text)
        self.assertEqual(text.count(";220;"), 1)

    def test_a_line_stays_on_its_day_where_the_program_wants_days(self):
        text = made("lug_calendar").data.decode()
        self.assertEqual(text.count("000118;"), 5)
        self.assertIn("000118;03.11.2026;;200;7,58;", text)

    def test_a_file_of_datev_begins_as_its_setting_says(self):
        """Red if the setting stops before the file, or a person's row is lost with the line."""
        heads = {"client": "1234567;10042;11/2026", "headings": "PersNr;"}
        codes = {key: Code(one.text) for key, one in CODES.items()}
        for name in ("lug_calendar", "lug_month"):
            rows = made(name).data.decode("cp1252").splitlines()[1:]
            for begins in ("client", "headings", "none"):
                about = SETTINGS[name] if begins == "client" else {}
                own = setting(name, first_line=begins, **about)
                text = program.program_file(own, codes, PEOPLE, PLAIN).data.decode("cp1252")
                if begins != "none":
                    head, text = text.split("\r\n", 1)
                    self.assertTrue(head.startswith(heads[begins]), head)
                self.assertEqual(text.splitlines(), rows)

    def test_what_has_no_code_or_no_number_refuses_the_file(self):
        """Red if it is left out: nobody is paid from it and nobody is told."""
        codes = {"REG": CODES["REG"]}
        self.refused("code", "^HOL, ND, OT: these pay codes have no code", "sage_ie", WEEK, codes)
        people = {"000001": PEOPLE["000001"]}
        self.refused("ref", "^000002: the payroll program does not know", "sage_ie", people=people)
        self.refused("empty", "nothing is left to tell", "sage_ie", [])

    def test_names_that_a_program_matches_by_are_one_persons(self):
        """Red if two namesakes are paid as one by QuickBooks or a converter of Xero."""
        twins = {
            "000001": Person("1", "Ana", "Reyes"),
            "000002": Person("2", "Ana", "Reyes"),
        }
        for name in ("quickbooks_iif", "xero"):
            self.refused("name", "Ana Reyes: .*two have this one", name, people=twins)
            nameless = {key: Person(one.number) for key, one in PEOPLE.items()}
            self.refused("name", "118: .* knows people by name", name, people=nameless)

    def test_datev_takes_one_month(self):
        """Red if days of two months are booked in the last one."""
        for name in ("lodas_standard", "lodas_stunden", "lug_calendar", "lug_month"):
            two = Setting(name, date(2026, 10, 16), date(2026, 11, 15), **SETTINGS[name])
            with self.assertRaisesRegex(formats.Refused, "a DATEV file holds one month"):
                program.program_file(two, CODES, PEOPLE, PLAIN)

    def test_a_sum_that_came_to_nothing_is_told_when_asked(self):
        """Red if Gusto keeps the overtime that a correction took back."""
        gone = [*PLAIN, line(BEN, 2, "OT", -95)]
        self.assertIn(",8.00,,", made("gusto", gone).data.decode())
        self.assertIn(",8.00,0.00,", made("gusto", gone, keep_zero=True).data.decode())
        kept = made("silae", gone, keep_zero=True).data.decode()
        self.assertIn("000119;HS-210;0,00", kept)
        self.assertNotIn("HS-210;0,00", made("silae", gone).data.decode())

    def test_gusto_has_no_column_for_other_codes(self):
        self.refused("code", "^220: Gusto has columns for", "gusto", WEEK)

    def test_rows_of_hours_are_not_rounded_twice_and_minutes_not_at_all(self):
        """Red if the hours said beside the file are not those in it."""
        file = made("quickbooks_iif")
        self.assertIn("7:35", file.data.decode())
        self.assertEqual(file.hundredths, (file.minutes * 100 + 30) // 60)
        daily = made("xero")
        self.assertEqual(
            daily.hundredths, sum(payroll.hundredths_of(item.minutes) for item in PLAIN)
        )


if __name__ == "__main__":
    unittest.main()
