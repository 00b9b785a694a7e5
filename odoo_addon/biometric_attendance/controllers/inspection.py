"""The pages behind an inspector's link: a number first, then people, registers and files. Reads
alone. Envelope in, page out; what a link opens is biometric.inspection."""

from odoo import http
from odoo.http import content_disposition, request
from odoo.tools import format_date

from .public_page import HEADERS, NumberedPage, public_page

REPORT = "biometric_attendance.inspection_register"
# People of one page: their list is a page, their registers come one by one.
PAGE = 100
# What holds all days at once, and how a browser knows it.
TABLES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class BiometricInspection(NumberedPage, http.Controller):
    _session = "biometric_inspection"

    @http.route(
        "/biometric_attendance/inspection/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        readonly=False,
    )
    def page(self, token, **given):
        """404 for a token that opens nothing, whatever the reason."""
        link = request.env["biometric.inspection"].sudo()._of_token(token)
        if not link:
            return request.not_found()
        lang = link.company_id.partner_id.lang
        if lang:
            request.update_context(lang=lang)
        # The reader belongs to no company: what is read is the link's.
        link = link.with_context(lang=lang, allowed_company_ids=link.company_id.ids)
        if request.httprequest.method == "POST" and "number" in given:
            said = self._enter(link, given["number"])
            return self._show(link, said=said) if said else self._opened(link, {})
        if not self._is_inside(link):
            return self._show(link)
        return self._opened(link, given)

    def _opened(self, link, given):
        people = link._people()
        if given.get("person", "").isdecimal():
            person = people.filtered(lambda one: one.id == int(given["person"]))
            if not person:
                return request.not_found()
            return self._person(link, person, given.get("form"))
        if given.get("form") in TABLES:
            link._look(given["form"], people.ids)
            return self._table(link, link._registers(people), given["form"])
        start = int(given.get("start", "0")) if given.get("start", "0").isdecimal() else 0
        shown = people[start : start + PAGE]
        link._look("list", shown.ids)
        after = start + PAGE if start + PAGE < len(people) else None
        values = {"start": start, "after": after, "count": len(people)}
        return self._show(link, people=link._registers(shown), **values)

    def _person(self, link, person, form):
        if form in TABLES:
            link._look(form, person.ids)
            return self._table(link, link._registers(person), form)
        if form == "pdf":
            return self._pdf(link, person)
        link._look("register", person.ids)
        ((_employee, content),) = link._registers(person)
        rows = self._rows(link, content)
        return self._show(link, person=person, rows=rows, sums=self._sums(link, content))

    def _pdf(self, link, person):
        _paper, _content, digest = link._paper_of(person)
        link._look("pdf", person.ids, sha256=digest)
        reports = link.env["ir.actions.report"].with_context(biometric_person=person.id)
        data, kind = reports._render_qweb_pdf(REPORT, res_ids=link.ids)
        kinds = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
        return self._file(data, f"register-{link.date_from}-{person.id}.{kind}", kinds[kind])

    # ------------------------------------------------------------------ what is shown

    @staticmethod
    def _paper(link):
        return link.env[f"report.{REPORT}"]

    def _rows(self, link, content):
        """Lines of a register: date, in, out, pauses, pause, worked, overtime, findings."""
        keys = ["date", "in", "out", "pauses", "pause", "worked", "over", "findings"]
        return [self._paper(link)._row(keys, day) for day in content["days"]]

    def _sums(self, link, content):
        paper = self._paper(link)
        return [
            paper._length(key, sum(paper._minutes(key, day) for day in content["days"]))
            for key in ("pause", "worked", "over")
        ]

    def _show(self, link, **values):
        blank = {"said": "", "people": None, "person": None, "rows": (), "sums": ()}
        paged = {"start": 0, "after": None, "count": 0}
        span = " – ".join(format_date(link.env, day) for day in (link.date_from, link.date_to))
        said = {"link": link, "span": span, "until": link._until_words(), "sums_of": self._sums}
        values = {**blank, **paged, **values, **said}
        return public_page(link.env, "inspection_page", values)

    def _table(self, link, registers, form):
        data = link._csv(registers) if form == "csv" else link._sheet(registers)
        return self._file(data, f"register-{link.date_from}.{form}", TABLES[form])

    @staticmethod
    def _file(data, name, kind):
        headers = [
            ("Content-Type", kind),
            ("Content-Disposition", content_disposition(name)),
            *HEADERS.items(),
        ]
        return request.make_response(data, headers=headers)
