"""What all our reports have in common: the head and foot of a page, and pages made of tables.

Owns the values that templates of biometric_paper.xml read. Where a table is cut is in paper.py.
"""

import base64

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

from . import paper

# The style repeats nothing: it is made of the numbers that pages are cut by.
MEASURES = {
    "width": paper.WIDTH,
    "text": paper.TEXT,
    "line": paper.LINE,
    "pad": paper.PAD,
    "apart": paper.APART,
    "title": paper.TITLE,
    "title_line": paper.TITLE_LINE,
    "stamp": paper.STAMP,
}
TEXT_WIDTH = paper.WIDTH - 2 * paper.PAD


class BiometricPaper(models.AbstractModel):
    _name = "biometric.paper"
    _description = "Pages of a printed report"
    # The model of which each record is a document of its own, whose PDF Odoo keeps with it.
    _document_of = None

    @api.model
    def _get_report_values(self, docids, data=None):  # noqa: ARG002 - Odoo's own signature
        """What a template gets."""
        now = format_datetime(self.env, fields.Datetime.now(), dt_format="short")
        return {
            "doc_ids": docids,
            "articles": self._articles(docids),
            "measures": MEASURES | {"page": self._page_height(), "format": self._format()},
            "text": self._text,
            "printed": self.env._(
                "Printed %(time)s by %(name)s", time=now, name=self.env.user.name
            ),
        }

    @api.model
    def _articles(self, docids):
        """[{"id", "model", "pages"}]: what Odoo may take apart, in the order of `docids`."""
        sheets = self._sheets(docids)
        if not self._document_of:
            return [{"id": None, "model": None, "pages": [page for one in sheets for page in one]}]
        return [
            {"id": record_id, "model": self._document_of, "pages": pages}
            for record_id, pages in zip(docids, sheets, strict=True)
        ]

    @api.model
    def _sheets(self, docids):
        """A list of what `_sheet` gives: documents that are numbered each on its own."""
        raise NotImplementedError

    @api.model
    def _text(self, text):
        """A name or a number as it is drawn: each part of it the way it runs."""
        parts = (Markup('<span dir="%s">%s</span>') % run for run in paper.runs(text))
        return Markup('<span dir="%s">%s</span>') % (paper.direction(text), Markup(" ").join(parts))

    @api.model
    def _format(self):
        return self.env["ir.actions.report"]._biometric_paper()

    @api.model
    def _page_height(self):
        return paper.HEIGHT[self._format()]

    @api.model
    def _sheet(self, company, title, name, about, tables, **below):
        """Pages of one document. `about` is a list of lines; `below` goes with the last table:
        `remarks` (texts), `signatures` (texts under a line to sign on) and `stamp` (`{"picture":
        SVG or None, "lines": [text]}`, what proves the paper)."""
        head = {
            "company": company,
            "title": title,
            "name": name,
            "about": list(filter(None, about)),
        }
        remarks, signatures = below.get("remarks", []), below.get("signatures", [])
        stamp = below.get("stamp")
        if tables:
            tables[-1].below = self._height_below(remarks, signatures) + (
                paper.STAMP + paper.HEAD_GAP if stamp else 0
            )
        parts = paper.cut(tables, self._page_height() - self._height_head(head) - paper.FOOT)
        return [
            {
                "head": head,
                "is_first": number == 1,
                "parts": page,
                "number": self.env._(
                    "Page %(number)s of %(count)s", number=number, count=len(parts)
                ),
                "remarks": remarks if number == len(parts) else [],
                "signatures": signatures if number == len(parts) else [],
                "stamp": stamp and number == len(parts) and self._drawn(stamp),
            }
            for number, page in enumerate(parts, 1)
        ]

    @api.model
    def _drawn(self, stamp):
        """The picture where nothing has to be fetched: within the page. A paper may have none."""
        if not stamp["picture"]:
            return stamp
        picture = base64.b64encode(stamp["picture"].encode()).decode()
        return {**stamp, "picture": f"data:image/svg+xml;base64,{picture}"}

    @api.model
    def _height_head(self, head):
        name = paper.lines(head["name"], TEXT_WIDTH, paper.TITLE) * paper.TITLE_LINE
        about = sum(paper.lines(text, TEXT_WIDTH) for text in head["about"]) * paper.LINE
        return paper.LINE + name + about + 2 * paper.HEAD_GAP

    @api.model
    def _height_below(self, remarks, signatures):
        said = sum(paper.lines(text, TEXT_WIDTH) for text in remarks) * paper.LINE
        return (said + paper.HEAD_GAP if remarks else 0) + (110 if signatures else 0)
