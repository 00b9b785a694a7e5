"""Files of payroll programs: what each writes to the letter, and what it refuses in which words."""

import unittest
from datetime import date

from engine import formats, payroll, spreadsheet_text
from engine.formats import Client, Entry, Movement, Refused, RunPeriod, Total

CLIENT = Client("1234567", "10042", date(2026, 11, 1))


def lines(text):
    return text.split("\r\n")[:-1]


class Refusals(unittest.TestCase):
    def refused(self, word, message, write, *args):
        with self.assertRaises(Refused) as caught:
            write(*args)
        self.assertEqual(caught.exception.word, word)
        self.assertRegex(str(caught.exception), message)


class CellsTest(Refusals):
    def test_a_refusal_names_ten_people_and_counts_the_rest(self):
        """Red if everybody is listed, or nobody: a file that leaves one out pays them nothing."""
        people = [Total("", 60, first="", last=f"N{number:02}") for number in range(12)]
        self.refused("name", r"^N00, N01, .*N09 and 2 more: Gusto matches", formats.gusto, people)

    def test_a_character_that_the_program_has_not_is_refused_never_replaced(self):
        """Red with `errors="replace"`: a payroll file with `?` in a name or code."""
        profile = formats.PROFILES["lodas_stunden"]
        self.assertEqual(profile.encode("Köln €\r\n"), b"K\xf6ln \x80\r\n")
        self.refused(
            "encoding", "no character 'Ł'; it stands in: 2;Łódź", profile.encode, "1\r\n2;Łódź"
        )
        adp = formats.PROFILES["adp_wfn"]
        for bad in "\\{|}~é":
            self.refused("encoding", "the program has no character", adp.encode, f"QZ7,{bad}")
        self.assertEqual(adp.encode("a-z [A] !\r\n"), b"a-z [A] !\r\n")

    def test_s19_human_cells_are_disarmed(self):
        """S19. Red when one of the characters is forgotten, or does not come back as it was."""
        for first in "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20":
            self.assertEqual(formats.human_cell(f"{first}1+1"), f"'{first}1+1")
            self.assertEqual(spreadsheet_text.as_meant(f"'{first}1+1"), f"{first}1+1")
        for text in ("Ann", "", "'Ann", "1-1", "O'Neil"):
            self.assertEqual(formats.human_cell(text), text)
            self.assertEqual(spreadsheet_text.as_meant(text), text)

    def test_s19_texts_of_files_for_people_open_as_text_and_come_back(self):
        """S19. Red when a spreadsheet makes another number, a date or a truth of a badge (00042 is
        42, 1E5 is 100000), or a text comes back as another one."""
        for text in (
            *("00042", "000", "1E5", "0e5", "1.5", "1,5", "12%", ".5", "123456789012", "٠٠٤٢"),
            *("1-2", "3/4", "08:00", "8:00 pm", "1.2.2026", "MAR1", "1-Dec", "Sept 2", "2 MAY 26"),
            *("DEZ1", "Mrz 1", "MAI 5", "1. Okt", "Déc. 3", "2 août", "AGO7", "Märzen 1"),
            *("TRUE", "false", "Wahr", " 007 ", "=1+1", "-Ann", "'00042", "''=1"),
        ):
            self.assertEqual(formats.human_text(text), f"'{text}")
            self.assertEqual(spreadsheet_text.as_meant(f"'{text}"), text)
        for text in (
            *("0", "42", "12345678901", "2026-03-02", "2026-03-02 08:00:00", "", "Ann", "N2+E"),
            *("'Ann", "EMP001", "OFF", "12B", "Marta 5th", "8:00 to 16:00", "Truex", "A-1"),
        ):
            self.assertEqual(formats.human_text(text), text)
            self.assertEqual(spreadsheet_text.as_meant(text), text)

    def test_s19_names_of_payroll_files_are_disarmed_ids_and_numbers_never(self):
        """S19, S20. Red when a name is a formula, or an id or a negative number gets an
        apostrophe: that would be a lost payment."""
        evil = "=HYPERLINK(1)"
        row = formats.gusto([Total("A1B2C3", 60, first=evil, last="@SUM(1)", title="+1")])
        self.assertIn("'@SUM(1),'=HYPERLINK(1),'+1,A1B2C3,1.00", row)
        sheet = formats.myob_account_right(
            [Entry("-1", "BASE", -90, date(2026, 3, 2), evil, "-Smith")]
        )
        self.assertIn("'-Smith\t'=HYPERLINK(1)\tBASE\t02/03/2026\t-1.50\t-1\r\n", sheet)

    def test_every_profile_says_what_a_second_import_does(self):
        for name, profile in formats.PROFILES.items():
            self.assertIn(profile.second_import, ("replaces", "adds", "refused", "unknown"), name)
            self.assertIn(profile.confidence, "ABC", name)


class AdpTest(Refusals):
    def test_workforce_now_limits(self):
        """Red if one of them is left to ADP, which refuses the file or takes another person."""
        good = [Total("000118", 60)]
        write = formats.workforce_now
        self.refused("co_code", "2 or 3 characters", write, "Q", "1", good)
        self.refused("batch_id", "at most 8", write, "QZ7", "202611300", good)
        self.refused("pairs", "one or two", write, "QZ7", "1", good, 3)
        self.refused(
            "code",
            "'LONG' must have 1 to 3",
            write,
            "QZ7",
            "1",
            [Total("000118", 1, extra={"LONG": 1})],
        )
        for reference in ("118", "000050", "0001180", "00A118"):
            self.refused("ref", "from 000051 on", write, "QZ7", "1", [Total(reference, 60)])
        twice = [Total("000118", 60, last="Ruiz"), Total("000118", 60, last="Okonkwo")]
        self.refused("ref", "Okonkwo .* Ruiz .* share a number", write, "QZ7", "1", twice)
        with self.assertRaisesRegex(payroll.ExportError, "map doubletime to an extra code"):
            write("QZ7", "1", [Total("000118", doubletime=5)])

    def test_workforce_now_leaves_out_people_without_minutes_and_pads_the_file_name(self):
        text = formats.workforce_now(
            "QZ", "1", [Total("000118"), Total("000119", 60, extra={"V": 0})]
        )
        self.assertEqual(lines(text)[1:], ["QZ,1,000119,1.00,,,,,"])
        self.assertEqual(formats.wfn_file_name("QZ"), "PRQZ_EPI.csv")

    def test_run(self):
        period = RunPeriod("R9XYZ", "B", date(2026, 11, 9), date(2026, 11, 22))
        people = [("000311", [("REG", "BASE", 4695), ("OVT", "BASE", 165), ("VAC", "BASE", 0)])]
        self.assertEqual(
            formats.run(period, people),
            "##GENERIC## V1.0\r\n"
            "IID,Pay Frequency,Pay Period Start Date,Pay Period End Date,Employee ID,Earnings Code,"
            "Pay Hours,Dollars,Separate Check,Worked In Dept,Rate Code\r\n"
            "R9XYZ,B,11/09/2026,11/22/2026,000311,REG,78.25,,0,,BASE\r\n"
            "R9XYZ,B,11/09/2026,11/22/2026,000311,OVT,2.75,,0,,BASE\r\n",
        )
        self.assertEqual(formats.run_file_name(period), "Biweekly-11092026-11222026.csv")

    def test_run_periods(self):
        """Red if a limit moves by one day, or a month may begin on the second."""
        right = {
            "W": [("2026-11-09", "2026-11-15")],
            "B": [("2026-11-09", "2026-11-22")],
            "S": [("2026-11-01", "2026-11-05"), ("2026-11-01", "2026-11-26")],
            "M": [("2026-02-01", "2026-02-28"), ("2026-12-01", "2026-12-31")],
            "Q": [("2026-10-01", "2026-12-31")],
        }
        wrong = {
            "W": [("2026-11-09", "2026-11-14"), ("2026-11-09", "2026-11-16")],
            "B": [("2026-11-09", "2026-11-21"), ("2026-11-09", "2026-11-23")],
            "S": [("2026-11-01", "2026-11-04"), ("2026-11-01", "2026-11-27")],
            "M": [("2026-11-02", "2026-11-30"), ("2026-11-01", "2026-12-31")],
            "Q": [("2026-11-01", "2027-01-31"), ("2026-10-01", "2026-11-30")],
            "X": [("2026-11-09", "2026-11-15")],
        }
        for frequency, spans in right.items():
            for start, end in spans:
                self.assertEqual(self._run(frequency, start, end).count("\r\n"), 3)
        for frequency, spans in wrong.items():
            for start, end in spans:
                with self.subTest(frequency=frequency, start=start, end=end):
                    self.refused("frequency", "W has 7, B 14", self._run, frequency, start, end)

    def _run(self, frequency, start, end, line=("REG", "BASE", 60), iid="R9"):
        period = RunPeriod(iid, frequency, date.fromisoformat(start), date.fromisoformat(end))
        return formats.run(period, [("1", [line])])

    def test_run_refusals(self):
        week = ("W", "2026-11-09", "2026-11-15")
        self.refused("iid", "1 to 15", self._run, *week, ("REG", "BASE", 60), "R" * 16)
        self.refused("rate", "BASE, RATE_2", self._run, *week, ("REG", "RATE_1", 60))
        self.refused(
            "hours",
            "1 REG: below zero, .*negative_policy: hold",
            self._run,
            *week,
            ("REG", "BASE", -60),
        )
        period = RunPeriod("R9", "W", date(2026, 11, 9), date(2026, 11, 15))
        twice = [("1", [("REG", "BASE", 60), ("REG", "BASE", 60)])]
        self.refused("ref", "REG at BASE twice", formats.run, period, twice)


class AmericanTest(Refusals):
    def test_paychex_has_sixteen_cells_a_row(self):
        """Red with fewer: in a positional import the hours would be a job number."""
        text = formats.paychex_spi(
            "0071Q2K5", [("118", "Hourly", 4590, None), ("9", "Tips", 0, None)]
        )
        self.assertEqual([line.count(",") for line in lines(text)], [15, 15])
        self.assertEqual(lines(text)[1], "0071Q2K5,118,,,Hourly,,,76.50,,,,,,,,")

    def test_paychex_limits(self):
        most = 999 * 60 + 59
        write = formats.paychex_spi
        self.assertIn(",999.98,", write("1", [("1", "Pay", most, None)]))
        self.assertIn(",-999.98,", write("1", [("1", "Pay", -most, None)]))
        self.refused("hours", "the column holds 999.99", write, "1", [("1", "Pay", most + 1, None)])
        self.refused("client", "1 to 8", write, "123456789", [])
        self.refused("worker", "1 to 10", write, "1", [("1-2", "Pay", 1, None)])
        self.refused("component", "1 to 20", write, "1", [("1", "P" * 21, 1, None)])
        self.refused("component", "no comma", write, "1", [("1", "Pay, extra", 1, None)])

    def test_gusto_titles_and_namesakes(self):
        """Red if two jobs go without one primary, or two people of one name without their ids."""
        ada = {"first": "Ada", "last": "Okonkwo"}
        baker, cook = (
            Total("", 60, title="Baker (Primary)", **ada),
            Total("", 30, title="Cook", **ada),
        )
        self.assertEqual(len(lines(formats.gusto([baker, cook]))), 3)
        self.refused(
            "title", "exactly one title", formats.gusto, [cook, Total("", 1, title="Chef", **ada)]
        )
        self.refused("name", "twice with the same title", formats.gusto, [cook, cook])
        self.refused("name", "twice with the same title", formats.gusto, [Total("", 1, **ada)] * 2)
        named = [Total("7f3k2m", 1, **ada), Total("8f3k2m", 1, **ada)]
        self.assertEqual(len(lines(formats.gusto(named))), 3)
        self.refused(
            "name", "give each their Gusto id", formats.gusto, [named[0], Total("", 1, **ada)]
        )
        self.refused("id", "6 characters", formats.gusto, [Total("7f3k2", 1, **ada)])
        self.refused("hours", "below zero", formats.gusto, [Total("", 0, -1, **ada)])

    def test_gusto_by_id_blank_or_zero(self):
        totals = [Total("abc123", 60, 0, 0)]
        self.assertTrue(formats.gusto_by_id(totals).endswith("abc123,1.00,,\r\n"))
        self.assertTrue(formats.gusto_by_id(totals, "zero").endswith("abc123,1.00,0.00,0.00\r\n"))

    def test_quickbooks_splits_what_is_longer_than_a_day_and_takes_nothing_negative(self):
        text = formats.quickbooks_iif(("Acme", "1"), [(date(2026, 3, 2), "Ann", "I", "P", 1500)])
        self.assertEqual([line.split("\t")[6] for line in text.splitlines()[3:]], ["23:59", "1:01"])
        below = [(date(2026, 3, 2), "Ann", "I", "P", -1)]
        self.refused(
            "hours", "^Ann on 2026-03-02: below zero", formats.quickbooks_iif, ("Acme", "1"), below
        )


class DatevTest(Refusals):
    def test_lodas_standard(self):
        text = formats.lodas_standard(
            CLIENT, [Movement("77", "200", 7460), Movement("8", "100", 60)]
        )
        self.assertEqual(
            lines(text)[-2:], ["1;01.11.2026;1,00;1;100;8;", "1;01.11.2026;124,33;1;200;77;"]
        )
        days = [Movement("77", "200", 2, "days")]
        self.refused("unit", "carries hours", formats.lodas_standard, CLIENT, days)

    def test_people_are_in_the_order_of_their_numbers(self):
        """Red if 118 comes before 7, as text would have it."""
        items = [Movement("118", "200", 60), Movement("7", "200", 60), Movement("00070", "200", 60)]
        rows = lines(formats.lodas_hours_and_days(CLIENT, items))[-3:]
        self.assertEqual([row.split(";")[3] for row in rows], ["7", "00070", "118"])

    def test_numbers_that_lodas_has_not(self):
        for word, message, item in (
            ("pnr", "^A17: .* 1 to 99999", Movement("A17", "200", 60)),
            ("pnr", "^100000: .* 1 to 99999", Movement("100000", "200", 60)),
            ("pnr", "^0: .* 1 to 99999", Movement("0", "200", 60)),
            ("la", "'20000': .* 1 to 4 digits", Movement("1", "20000", 60)),
            ("la", "'': .* 1 to 4 digits", Movement("1", "", 60)),
            ("unit", "hours or days", Movement("1", "200", 60, "pieces")),
            ("kst", "no semicolon", Movement("1", "200", 60, cost_center="a;b")),
        ):
            self.refused(word, message, formats.lodas_hours_and_days, CLIENT, [item])
        month = date(2026, 11, 1)
        for word, client in (
            ("berater", Client("123", "1", month)),
            ("berater", Client("١٢٣٤٥", "1", month)),
            ("mandant", Client("1234", "123456", month)),
        ):
            self.refused(word, "digits", formats.lodas_standard, client, [])

    def test_payroll_by_day_and_by_month(self):
        day = Movement("118", "200", 465, day=date(2026, 11, 3), cost_center="4711")
        self.assertEqual(
            lines(formats.payroll_calendar(CLIENT, [day])),
            ["1234567;10042;11/2026", "118;03.11.2026;;200;7,75;;;;;4711;"],
        )
        self.assertEqual(
            lines(formats.payroll_month(CLIENT, [Movement("118", "200", 9135)])),
            ["1234567;10042;11/2026", "118;200;;;152,25;;;;"],
        )

    def test_payroll_begins_as_the_adviser_asks(self):
        """Red if a file has a first line that its import description does not skip, headings of
        other columns than its rows, or is refused for numbers that it does not hold."""
        rows = {
            formats.payroll_calendar: "118;03.11.2026;;200;7,75;;;;;;",
            formats.payroll_month: "118;200;;;7,75;;;;",
        }
        for write, row in rows.items():
            moved = [Movement("118", "200", 465, day=date(2026, 11, 3))]
            month = date(2026, 11, 1)
            self.assertEqual(lines(write(Client("", "", month, "none"), moved)), [row])
            head, first = lines(write(Client("", "", month, "headings"), moved))
            self.assertEqual(first, row)
            named = dict(zip(head.split(";"), first.split(";"), strict=True))
            told = {name: cell for name, cell in named.items() if cell}
            self.assertEqual((told["PersNr"], told["Lohnart"]), ("118", "200"))
            value = "Stunden" if write is formats.payroll_calendar else "Wert"
            self.assertEqual(told[value], "7,75")
            self.assertEqual(formats.PROFILES["lug_month"].encode(head).decode("cp1252"), head)
            self.refused("mandant", "digits", write, Client("1234", "", month), moved)
            other = Client("1234", "1", month, "whatever")
            self.refused("first_line", "client, headings or none", write, other, moved)

    def test_payroll_by_day_holds_a_day(self):
        """Red if 24:01 goes into one line, or a day of another month."""
        third = date(2026, 11, 3)
        write = formats.payroll_calendar
        self.assertIn(";24,00;", write(CLIENT, [Movement("1", "200", 1440, day=third)]))
        self.refused("hours", "holds 24.00", write, CLIENT, [Movement("1", "200", 1441, day=third)])
        other = Movement("1", "200", 60, day=date(2026, 12, 1))
        self.refused("day", "no day of 11/2026", write, CLIENT, [other])
        self.refused("day", "no day of 11/2026", write, CLIENT, [Movement("1", "200", 60)])


class WorldTest(Refusals):
    def test_myob_account_right(self):
        entry = Entry("STAFF042", "Base Hourly", 456, date(2026, 11, 30), "Iona", "Fraser")
        self.assertEqual(
            lines(formats.myob_account_right([entry])),
            [
                "Emp. Co./Last Name\tEmp. First Name\tPayroll Category\tDate\tHours\tEmp. Card ID",
                "Fraser\tIona\tBase Hourly\t30/11/2026\t7.60\tSTAFF042",
            ],
        )
        write = formats.myob_account_right
        self.refused("ref", "neither a last name", write, [Entry("", "Base", 60, date(2026, 1, 1))])
        self.refused("category", "1 to 30", write, [Entry("1", "B" * 31, 60, date(2026, 1, 1))])
        self.refused("ref", "1 to 15", write, [Entry("1" * 16, "B", 60, date(2026, 1, 1))])
        self.refused("date", "has its date", write, [Entry("1", "B", 60)])

    def test_myob_exo(self):
        rows = [("42", "W", 2310, 1, "7"), ("43", "A", 0, 1, "")]
        self.assertEqual(formats.myob_exo(rows), "42,W,38.50,1,,7\r\n")
        self.assertEqual(formats.exo_file_name("acme", "7"), "acme_timetran_7.csv")
        self.refused("staff", "1 to 6 digits", formats.myob_exo, [("A1", "W", 60, 1, "")])
        self.refused("wage_type", "one digit", formats.myob_exo, [("1", "W", 60, 10, "")])

    def test_employment_hero(self):
        day = date(2026, 11, 3)
        entries = [
            Entry("7", "Ordinary", 450, day),
            Entry("7", "Ordinary", 60, day, start="08:00", end="09:00", location="Cebu"),
        ]
        self.assertEqual(
            lines(formats.employment_hero(entries))[1:],
            ["7,2026-11-03,,,7.50,Ordinary,,", "7,2026-11-03,08:00,09:00,,Ordinary,Cebu,"],
        )
        half = [Entry("7", "Ordinary", 60, day, start="08:00")]
        self.refused("start", "a start needs an end", formats.employment_hero, half)

    def test_sage_ireland_has_no_heading(self):
        self.assertEqual(
            formats.sage_ireland([("118", "1", 4590), ("118", "3", 195), ("9", "1", 0)]),
            "2,118,1,,,76.50,\r\n2,118,3,,,3.25,\r\n",
        )
        self.refused("payment", "1 to 3 digits", formats.sage_ireland, [("118", "OT", 60)])

    def test_silae_columns_are_the_customers(self):
        columns = [("Matricule", "matricule"), ("Code", "code"), ("Valeur", "valeur")]
        entries = [
            Entry("00042", "HN", 9135, date(2026, 11, 1), kind="HS"),
            Entry("1", "HN", 0, date(2026, 11, 1), kind="HS"),
        ]
        self.assertEqual(
            formats.silae(columns, entries),
            "Matricule;Code;Valeur\r\n00042;HS-HN;152,25\r\n",
        )
        self.refused("columns", "salaire", formats.silae, [("X", "salaire")], entries)
        nothing = [Entry("1", "HN", 0, date(2026, 11, 1))]
        self.refused("code", "HN has no kind", formats.silae, columns, nothing)

    def test_xero_rows(self):
        text = formats.xero([("Ann", date(2026, 3, 2), 455, "Ordinary")])
        self.assertTrue(text.endswith("Ann,2026-03-02,7.58,Ordinary\r\n"))


if __name__ == "__main__":
    unittest.main()
