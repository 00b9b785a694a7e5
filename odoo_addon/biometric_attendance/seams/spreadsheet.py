"""Workbooks (XLSX) as rows of text: read by openpyxl and written by XlsxWriter, both of Odoo's.

Texts are written as text, so that a spreadsheet keeps the zeros before a number. Must not know what
the rows mean.
"""

import io
from datetime import date, datetime

import openpyxl
import xlsxwriter

MARK = b"PK\x03\x04"
# Cells of one workbook, and bytes of it once inflated, that are read.
MOST_ROWS, MOST_COLUMNS = 20_000, 500


class NoWorkbook(ValueError):
    """The bytes are no workbook that can be read."""


def is_workbook(data):
    return data[: len(MARK)] == MARK


def rows(data):
    """[[text]] of the first sheet. Raises NoWorkbook."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        found = [
            [_text(cell) for cell in row[:MOST_COLUMNS]]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 1, values_only=True)
        ]
    except Exception as error:
        # a damaged archive fails in many ways: zip, XML, keys
        raise NoWorkbook("the workbook is damaged") from error
    if len(found) > MOST_ROWS:
        raise NoWorkbook(f"more than {MOST_ROWS} lines")
    return found


def _text(value):
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write(lines):
    """Bytes of a workbook with these lines: a text stays text, a whole number can be added up."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    kept = book.add_format({"num_format": "@"})
    width = max((len(line) for line in lines), default=1)
    sheet.set_column(0, max(width - 1, 0), 14, kept)
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            if isinstance(text, int):
                sheet.write_number(row, column, text)
            else:
                sheet.write_string(row, column, text, kept)
    book.close()
    return out.getvalue()
