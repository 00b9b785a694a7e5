"""Files of payroll programs at their edges, each profile on its own: what stands in the file to the
letter, and what is refused before a byte is written, with the people and what to do."""

import unittest
from datetime import date

from engine import formats, program
from engine.format_cells import line_of
from engine.formats import Client, Entry, Movement, Refused, Total
from engine.payroll import Employee, Line
from engine.program import Code, Person, Setting

ANA, BEN = Employee("000001"), Employee("000002")
PEOPLE = {"000001": Person("000118", "Ana", "Reyes"), "000002": Person("000119", "Ben", "Cruz")}
THIRD = date(2026, 11, 3)
DATEV = {"company": "10042", "second": "1234567"}
CLIENT = Client("1234567", "10042", THIRD)


def line(who, code, minutes, day=THIRD):
    return Line(who, day, code, code.lower(), minutes)


class EdgeCase(unittest.TestCase):
    def made(self, name, codes, lines=None, people=PEOPLE, **about):
        setting = Setting(name, date(2026, 11, 1), date(2026, 11, 30), batch="00000007", **about)
        lines = [line(ANA, code, 60) for code in codes] if lines is None else lines
        data = program.program_file(setting, codes, people, lines).data
        return data.decode(formats.PROFILES[name].encoding).split("\r\n")[:-1]

    def refused(self, word, message, write, *args, **about):
        with self.assertRaises(Refused) as caught:
            write(*args, **about)
        self.assertEqual(caught.exception.word, word, str(caught.exception))
        self.assertRegex(str(caught.exception), message)


class WhoIsNamedTest(EdgeCase):
    def test_all_whose_number_is_wrong_are_named_at_once(self):
        """Red if a file with thirty badges in place of payroll numbers is mended one by one, or
        somebody is told by a number alone."""
        ids = {f"{n:06}": Person(f"A-{n:02}", "Ann", f"N{n:02}") for n in range(12)}
        lines = [line(Employee(who), "REG", 60) for who in ids]
        for name, word, text, about in (
            ("paychex_spi", "worker", "Hourly", {"company": "71Q2"}),
            ("sage_ie", "employee", "1", {}),
            ("myob_exo", "staff", "1", {"company": "cebu"}),
            ("lodas_standard", "pnr", "200", DATEV),
            ("lug_calendar", "pnr", "200", DATEV),
        ):
            with self.subTest(name):
                self.refused(
                    word,
                    r"^Ann N00 \(A-00\), .*Ann N09 \(A-09\) and 2 more: .*Payroll numbers",
                    *(self.made, name, {"REG": Code(text)}, lines, ids),
                    **about,
                )

    def test_all_whose_hours_are_too_many_are_named(self):
        lines = [line(ANA, "REG", 60_000), line(BEN, "REG", 61_200)]
        self.refused(
            "hours",
            r"^Ana Reyes \(000118\) 1000.00 hours, Ben Cruz \(000119\) 1020.00 hours: .* 999.99",
            *(self.made, "paychex_spi", {"REG": Code("Hourly")}, lines),
            company="71Q2",
        )
        long = [line(ANA, "REG", 1441), line(BEN, "REG", 1500)]
        self.refused(
            "hours",
            "Ana Reyes .* 24.02 hours, Ben Cruz .* 25.00 hours: the column holds 24.00",
            *(self.made, "lug_calendar", {"REG": Code("200")}, long),
            **DATEV,
        )

    def test_all_who_are_below_zero_are_named_with_what_to_do(self):
        """Red if the file is refused with no word of the rule set's policy."""
        below = [line(ANA, "REG", -60), line(BEN, "REG", -30)]
        for name, code, who, about in (
            ("adp_run", Code("REG"), r"Ana Reyes \(000118\)", {"company": "R", "frequency": "M"}),
            ("quickbooks_iif", Code("Hourly"), "Ana Reyes", {"company": "A", "second": "1"}),
            ("gusto", Code("", "regular"), "Ana Reyes", {}),
        ):
            with self.subTest(name):
                people = {
                    key: Person(f"ab{one.number[-4:]}" if name == "gusto" else one.number, *names)
                    for key, one in PEOPLE.items()
                    for names in [(one.first, one.last)]
                }
                self.refused(
                    "hours",
                    f"^{who}.*, Ben Cruz.*below zero.*negative_policy: hold",
                    *(self.made, name, {"REG": code}, below, people),
                    **about,
                )


class CellTest(EdgeCase):
    def test_a_value_cannot_become_two_columns_or_two_rows(self):
        """Red if a tab, a line break or a delimiter in a value shifts the hours behind it."""
        torn = {"000001": Person("118", "A\tna", "Re\r\nyes")}
        for name, code, about in (
            ("quickbooks_iif", "P", {"company": "Cebu", "second": "1"}),
            ("xero", "P", {}),
            ("myob_account_right", "P", {}),
        ):
            with self.subTest(name):
                self.refused(
                    "cell",
                    "line break or a tab",
                    self.made,
                    name,
                    {"REG": Code(code)},
                    people=torn,
                    **about,
                )
        sum_of = [("118", "1", 60)]
        self.assertEqual(formats.sage_ireland(sum_of), "2,118,1,,,1.00,\r\n")
        with self.assertRaisesRegex(Refused, "'a;b' holds ';'"):
            line_of(("118", "a;b"), ";")
        for word, value in (("absence", {"absence": "U;x"}), ("kst", {"cost_center": "4\n7"})):
            item = Movement("118", "200", 60, day=THIRD, **value)
            for write in (formats.payroll_calendar, formats.payroll_month):
                self.refused(word, "no semicolon", write, CLIENT, [item])

    def test_a_rule_that_is_asked_before_the_file_is_the_rule_of_the_file(self):
        """Red when the gate takes a number that the file is refused for, or the other way."""
        numbers = ("118", "000118", "000050", "A17", "ab12cd", "1234567", "1" * 16, "1" * 51, "1-2")
        about = {"company": "71Q2", "frequency": "M", "second": "1234567"}
        own = {"adp_wfn": {"company": "QZ7"}, "silae": {"columns": (("M", "matricule"),)}}
        datev = ("lodas_standard", "lodas_stunden", "lug_calendar", "lug_month")
        own |= dict.fromkeys(datev, {"company": "10042"})
        texts = {"adp_run": "REG", "paychex_spi": "Hourly", "silae": "HN"}
        for name in formats.PROFILES:
            column = "regular" if name in ("adp_wfn", "gusto") else "extra"
            code = Code(texts.get(name, "1"), column, {"silae": "HS"}.get(name, ""))
            for number in numbers:
                people = {"000001": Person(number, "Ana", "Reyes")}
                try:
                    self.made(name, {"REG": code}, people=people, **about | own.get(name, {}))
                    taken = True
                except Refused as refused:
                    taken = False
                    self.assertIn("Ana Reyes", str(refused))
                self.assertEqual(formats.fits(name, number), taken, f"{name} {number}")

    def test_digits_are_ours(self):
        """Red if a number in Arabic digits goes into a column that takes 0 to 9."""
        for name, codes, people, word, about in (
            ("lodas_stunden", {"REG": Code("200")}, {"000001": Person("1٢")}, "pnr", DATEV),
            ("sage_ie", {"REG": Code("٣")}, PEOPLE, "payment", {}),
            ("myob_exo", {"REG": Code("²")}, PEOPLE, "wage_type", {"company": "cebu"}),
            ("myob_exo", {"REG": Code("01")}, PEOPLE, "wage_type", {"company": "cebu"}),
            (
                "adp_wfn",
                {"REG": Code("", "regular")},
                {"000001": Person("٠٠٠١١٨")},
                "ref",
                {"company": "QZ7"},
            ),
        ):
            with self.subTest(name):
                self.refused(word, ":", self.made, name, codes, people=people, **about)

    def test_a_code_that_says_nothing_is_missing(self):
        """Red if a row without a pay item is written for a program without columns of its own: its
        hours are paid as nothing."""
        for name in ("xero", "employment_hero", "quickbooks_iif", "sage_ie", "silae"):
            self.refused(
                "code",
                "^REG: these pay codes have no code",
                self.made,
                name,
                {"REG": Code("", "regular")},
            )


class ProgramsTest(EdgeCase):
    def test_two_codes_that_are_one_there_are_one_row(self):
        """Red if what only another program reads parts them: RUN refuses the second row, others add
        it or pay it apart."""
        codes = {"REG": Code("REG", "regular", "x"), "HOL": Code("REG", "extra", "y")}
        rows = self.made("paychex_spi", codes, company="71Q2")
        self.assertEqual(rows[1:], ["71Q2,000118,,,REG,,,2.00,,,,,,,,"])
        same = {"REG": Code("REG", "regular"), "HOL": Code("REG", "extra")}
        rows = self.made("adp_run", same, company="R9", frequency="M")
        self.assertEqual(rows[2:], ["R9,M,11/01/2026,11/30/2026,000118,REG,2.00,,0,,BASE"])

    def test_silae_hours_and_absences_may_share_a_number(self):
        """Red if one of them is paid as the other."""
        columns = (("Matricule", "matricule"), ("Code", "code"), ("Valeur", "valeur"))
        codes = {"REG": Code("200", detail="HS"), "LV": Code("200", detail="AB")}
        lines = [line(ANA, "REG", 480), line(ANA, "LV", 60)]
        self.assertEqual(
            self.made("silae", codes, lines, columns=columns)[1:],
            ["000118;AB-200;1,00", "000118;HS-200;8,00"],
        )

    def test_what_is_told_late_does_not_hold_up_datev_by_day(self):
        """Red if a day of October that changed refuses the file of November: that month could never
        be closed. Its rows stay their own, at most 24 hours each."""
        late = [date(2026, 10, 29), date(2026, 10, 30)]
        lines = [line(ANA, "REG", 900, day) for day in late] + [line(ANA, "REG", 480)]
        rows = self.made("lug_calendar", {"REG": Code("200")}, lines, **DATEV)
        self.assertEqual(
            rows,
            ["1234567;10042;11/2026"]
            + ["000118;01.11.2026;;200;15,00;;;;;;"] * 2
            + ["000118;03.11.2026;;200;8,00;;;;;;"],
        )

    def test_gusto_has_no_row_for_nothing(self):
        """Red if somebody without hours has a row; the primary job stays with another that has."""
        ada = {"first": "Ada", "last": "Okonkwo"}
        nobody = Total("", first="Ben", last="Ruiz")
        baker, cook = Total("", title="Baker (Primary)", **ada), Total("", 60, title="Cook", **ada)
        rows = formats.gusto([nobody, baker, cook]).split("\r\n")[1:-1]
        self.assertEqual(rows, ["Okonkwo,Ada,Baker (Primary),,,,", "Okonkwo,Ada,Cook,,1.00,,"])
        idle = [baker, Total("", title="Cook", **ada)]
        self.assertEqual(formats.gusto(idle).count("\r\n"), 1)
        gone = Total("", first="Ben", last="Ruiz", zeros=frozenset(["overtime"]))
        self.assertIn("Ruiz,Ben,,,,0.00,", formats.gusto([gone]))

    def test_quickbooks_asks_for_what_its_own_export_says(self):
        """Red if a timer file without company or time of creation is written."""
        codes = {"REG": Code("Hourly", detail="Labour")}
        rows = self.made("quickbooks_iif", codes, company="Cebu", second="1700000000")
        self.assertEqual(rows[1], "TIMERHDR\t8\t0\tCebu\tN\tY\t1700000000")
        self.assertEqual(rows[3], "TIMEACT\t11/03/26\t\tAna Reyes\tLabour\tHourly\t1:00\t\t\t0")
        self.refused(
            "company", "name in QuickBooks", self.made, "quickbooks_iif", codes, second="1"
        )
        self.refused("created", "time of creation", self.made, "quickbooks_iif", codes, company="A")

    def test_exo_is_named_after_the_company(self):
        """Red if a name is made up that Exo does not look for, or leads into another folder."""
        codes = {"REG": Code("1", detail="W")}
        self.assertEqual(self.made("myob_exo", codes, company="cebu"), ["000118,W,1.00,1,,"])
        for company in ("", "../cebu"):
            self.refused("company", "named after", self.made, "myob_exo", codes, company=company)

    def test_myob_names_have_their_lengths(self):
        people = {"000001": Person("118", "A" * 21, "Reyes"), "000002": Person("9", "B" * 22, "C")}
        lines = [line(ANA, "REG", 456), line(BEN, "REG", 60)]
        codes = {"REG": Code("Base Hourly")}
        self.refused(
            "first",
            r"A \w* ?.*118\), B+ C \(9\): a first name has 1 to 20",
            self.made,
            "myob_account_right",
            codes,
            lines,
            people,
        )
        rows = self.made("myob_account_right", codes, lines)
        self.assertEqual(rows[1], "Reyes\tAna\tBase Hourly\t03/11/2026\t7.60\t000118")

    def test_xero_disarms_names_alone(self):
        rows = formats.xero([("=1+1", THIRD, -90, "-Base")])
        self.assertIn("'=1+1,2026-11-03,-1.50,-Base\r\n", rows)
        self.refused("name", "one is missing", formats.xero, [("", THIRD, 60, "Base")])
        self.refused("rate", "^Ann: an earnings rate", formats.xero, [("Ann", THIRD, 60, "")])

    def test_employment_hero_and_sage_keep_zeros_and_signs(self):
        rows = self.made("employment_hero", {"REG": Code("Ordinary")}, [line(ANA, "REG", -45)])
        self.assertEqual(rows[1:], ["000118,2026-11-03,,,-0.75,Ordinary,,"])
        self.refused("ref", "1 to 50", formats.employment_hero, [Entry("", "Ordinary", 60, THIRD)])
        rows = self.made("sage_ie", {"REG": Code("1"), "OT": Code("003")})
        self.assertEqual(rows, ["2,000118,003,,,1.00,", "2,000118,1,,,1.00,"])

    def test_workforce_now_takes_no_accent_and_no_doubletime(self):
        codes = {"REG": Code("", "regular"), "DT": Code("", "doubletime")}
        self.refused("doubletime", "extra code", self.made, "adp_wfn", codes, company="QZ7")
        accent = {"REG": Code("Né")}
        self.refused("encoding", "no character 'é'", self.made, "adp_wfn", accent, company="QZ7")
        self.refused("co_code", "2 or 3", self.made, "adp_wfn", {"REG": Code("V")}, company="QZ77")
        rows = self.made("adp_wfn", {"REG": Code("", "regular")}, company="QZ")
        self.assertEqual(rows[1:], ["QZ,00000007,000118,1.00,,,,,"])


class LimitsTest(EdgeCase):
    """Each limit where nothing else refuses the file. Red when that limit is left to the program,
    which cuts the value or takes it for another."""

    def test_what_a_column_of_exo_holds(self):
        about = {"company": "cebu"}
        most = [line(ANA, "REG", 5_999_999)]
        code = {"REG": Code("1", detail="W")}
        self.assertEqual(self.made("myob_exo", code, most, **about), ["000118,W,99999.98,1,,"])
        more = [line(ANA, "REG", 6_000_000)]
        words = r"^Ana Reyes \(000118\) 100000.00 hours: the column holds 99999.99"
        self.refused("hours", words, self.made, "myob_exo", code, more, **about)
        for center in ("1" * 13, "A1"):
            people = {"000001": Person("118", "Ana", "Reyes", "", center)}
            asked = ("myob_exo", code, [line(ANA, "REG", 60)], people)
            self.refused("cost_center", "1 to 12 digits", self.made, *asked, **about)
        long = {"REG": Code("1", detail="WW")}
        self.refused("type", "one letter", self.made, "myob_exo", long, **about)

    def test_a_name_or_code_that_is_too_long_is_refused(self):
        one = [line(ANA, "REG", 60)]
        for name, word, code, person, about in (
            ("myob_account_right", "last", Code("Base"), Person("118", "Ana", "R" * 31), {}),
            ("adp_run", "code", Code("C" * 11), Person("118"), {"company": "R9", "frequency": "M"}),
            ("adp_run", "ref", Code("C"), Person("1" * 21), {"company": "R9", "frequency": "M"}),
            (
                "quickbooks_iif",
                "item",
                Code("I" * 101),
                Person("1", "Ana"),
                {"company": "C", "second": "1"},
            ),
            (
                "quickbooks_iif",
                "company",
                Code("I"),
                Person("1", "Ana"),
                {"company": "C" * 101, "second": "1"},
            ),
            (
                "quickbooks_iif",
                "created",
                Code("I"),
                Person("1", "Ana"),
                {"company": "C", "second": "1" * 101},
            ),
            ("paychex_spi", "component", Code("Hourly "), Person("118"), {"company": "71Q2"}),
            ("paychex_spi", "client", Code("Hourly"), Person("118"), {"company": "71Q2\n"}),
        ):
            with self.subTest(name=name, word=word):
                asked = (name, {"REG": code}, one, {"000001": person})
                self.refused(word, ".", self.made, *asked, **about)

    def test_gusto_takes_no_column_below_zero_beside_one_above(self):
        """Red when only the sum of a person's hours is looked at: the overtime that is taken back
        would be written with its sign, which Gusto reads as a value."""
        people = {"000001": Person("ab0118", "Ana", "Reyes")}
        codes = {"REG": Code("", "regular"), "OT": Code("", "overtime")}
        lines = [line(ANA, "REG", 480), line(ANA, "OT", -60)]
        self.refused(
            "hours", "^Ana Reyes: hours are below zero", self.made, "gusto", codes, lines, people
        )

    def test_a_number_is_looked_at_to_its_end(self):
        """Red when what begins like a number is one: `118x`, or one with a line break behind it."""
        for name in ("paychex_spi", "sage_ie", "myob_exo", "lodas_standard", "gusto", "adp_wfn"):
            good = "000118" if name in ("gusto", "adp_wfn") else "118"
            self.assertTrue(formats.fits(name, good), name)
            for bad in (f"{good}-", f"{good}\n"):
                self.assertFalse(formats.fits(name, bad), f"{name} {bad!r}")


if __name__ == "__main__":
    unittest.main()
