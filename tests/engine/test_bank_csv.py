"""Opening balances from a CSV file that a spreadsheet saved."""

import unittest
from datetime import date

from engine import bank_csv


class SavedBySpreadsheetTest(unittest.TestCase):
    def test_hours_as_a_spreadsheet_writes_them(self):
        """Red if 8:30 that was saved as 08:30:00 AM is refused, or noon and midnight are mixed."""
        for text, minutes in (
            ("8:30", 510),
            ("08:30:00 AM", 510),
            ("08:30:00 PM", 1230),
            ("12:30:00 AM", 30),
            ("12:30 pm", 750),
            ("26:30:00", 1590),
            ("-03:15:00", -195),
            ("8,25", 495),
        ):
            self.assertEqual(bank_csv.minutes_of(text), minutes, text)
        for text in ("08:30:01", "13:00:00 AM", "0:30 AM", "8:60", "8.333", "٨:30"):
            with self.assertRaisesRegex(ValueError, "write them as 8:30"):
                bank_csv.minutes_of(text)

    def test_dates_as_the_user_writes_them(self):
        """Red if a date that Excel turned into the user's own form is refused, or one with two
        digits of the year is guessed."""
        data = b"employee,hours,expires\n0041,8:30,31.12.2026\n8,1,2026-11-30\n9,1,31.12.26\n"
        lots, faults = bank_csv.parse(data, "%d.%m.%Y")
        self.assertEqual([lot.expires_on for lot in lots], [date(2026, 12, 31), date(2026, 11, 30)])
        self.assertEqual(faults, [(4, "'31.12.26' is no date; write it as 2026-12-31")])
        self.assertEqual(len(bank_csv.parse(data)[1]), 2)


if __name__ == "__main__":
    unittest.main()
