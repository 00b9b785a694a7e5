"""The page behind a personal link: a number first, then own days, a request, an answer. Envelope
in, page out; what a link opens is biometric.personal.link."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .public_page import NumberedPage, public_page


class BiometricPersonalLink(NumberedPage, http.Controller):
    _session = "biometric_personal_link"

    @http.route(
        "/biometric_attendance/my/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        readonly=False,
    )
    def page(self, token, **given):
        """404 for a token that opens nothing, whatever the reason."""
        link = request.env["biometric.personal.link"].sudo()._of_token(token)
        if not link:
            return request.not_found()
        lang = link.employee_id.lang or link.company_id.partner_id.lang
        if lang:
            request.update_context(lang=lang)
            link = link.with_context(lang=lang)
        post = request.httprequest.method == "POST"
        if post and "number" in given:
            said = self._enter(link, given["number"])
            return self._show(link, not said, said)
        if not self._is_inside(link):
            return self._show(link, False)
        said = self._act(link, given) if post else ""
        return self._show(link, True, said)

    @staticmethod
    def _act(link, given):
        """What was asked or answered, in words; a refusal in its own."""
        try:
            with link.env.cr.savepoint():
                if given.get("record", "").isdecimal():
                    link._certify(int(given["record"]))
                    return link.env._("Your record is certified.")
                if given.get("withdraw", "").isdecimal():
                    link._withdraw(int(given["withdraw"]))
                    return link.env._("Your request was withdrawn.")
                if given.get("adjustment", "").isdecimal():
                    agrees = given.get("answer") == "agree"
                    link._answer(int(given["adjustment"]), agrees, given.get("text"))
                    return link.env._("Your answer has been recorded.")
                if given.get("question", "").isdecimal():
                    question = int(given["question"])
                    link._attest(question, given.get("choice"), given.get("reason"))
                    return link.env._("Your answer has been recorded.")
                if given.get("consent"):
                    text = given.get("text_id", "")
                    link._consent(given["consent"], int(text) if text.isdecimal() else 0)
                    return link.env._("Your answer has been recorded.")
                link._ask(given)
                return link.env._(
                    "Your request was submitted. You will be informed of the decision."
                )
        except UserError as error:
            return str(error)

    @staticmethod
    def _show(link, inside, said=""):
        days, asked = link._shown() if inside else ((), ())
        questions = link._questions() if inside else ()
        values = {"link": link, "inside": inside, "said": said, "days": days, "asked": asked}
        values["own_open"] = link._own_open(asked) if inside else ()
        values["records"] = link._records() if inside else ()
        values["more"] = link._details(days) if inside else {}
        values["left"] = link._left() if inside else ()
        values["questions"] = questions
        consent = link.env["biometric.consent"]
        values["consent"] = consent._shown_to(link.employee_id) if inside else None
        return public_page(link.env, "personal_page", values)
