"""The form's editor of a terminal's own code meanings: one line a code, `code = meaning`.

Owns how they read and are read back; what a code then does is its map's (biometric_device_codes).
Must not know punches.
"""

from odoo import api
from odoo.exceptions import ValidationError

from ...engine import MEANINGS

# Characters of a code as terminals send it.
LONGEST_CODE = 24


class DeviceMeanings:
    """Of biometric.device: the lines and their maps. Mixed into its one class."""

    __slots__ = ()

    @api.depends("status_map")
    @api.depends_context("lang")
    def _compute_status_meanings(self):
        words = self._status_choices()
        for device in self:
            device.status_meanings = _lines(device.status_map, words)

    def _inverse_status_meanings(self):
        words = self._status_choices()
        for device in self:
            device.status_map = device._read_meanings(device.status_meanings, words)

    @api.depends("verify_map")
    @api.depends_context("lang")
    def _compute_verify_meanings(self):
        words = self._verify_words()
        for device in self:
            device.verify_meanings = _lines(device.verify_map, words)

    def _inverse_verify_meanings(self):
        words = self._verify_words()
        for device in self:
            device.verify_map = device._read_meanings(device.verify_meanings, words)

    @api.model
    def _status_choices(self):
        """{meaning: its word}, of all a status code may mean."""
        words = self._status_words()
        return {name: words.get(name) or self.env._("nothing") for name in sorted(MEANINGS)}

    @api.model
    def _read_meanings(self, text, words):
        """{code: meaning} of lines `code = meaning`, or False for none; ValidationError names the
        line. words: {meaning: word}; the word or the meaning itself may stand in a line."""
        _ = self.env._
        known = {name.casefold(): name for name in words}
        known |= {" ".join(word.split()).casefold(): name for name, word in words.items()}
        found = {}
        for number, line in enumerate((text or "").splitlines(), 1):
            if not line.strip():
                continue
            code, equals, meaning = (part.strip() for part in line.partition("="))
            if not equals or not code or not meaning:
                raise ValidationError(
                    _("Line %s: enter the code, an equals sign and its meaning.", number)
                )
            if len(code) > LONGEST_CODE or not (code.isascii() and code.isalnum()):
                raise ValidationError(
                    _(
                        "Line %(line)s: “%(code)s” is not a code. Enter it as the "
                        "terminal sends it: at most %(limit)s digits or letters.",
                        line=number,
                        code=code,
                        limit=LONGEST_CODE,
                    )
                )
            if code in found:
                raise ValidationError(
                    _(
                        "Line %(line)s: there is already a line for code %(code)s.",
                        line=number,
                        code=code,
                    )
                )
            name = known.get(" ".join(meaning.split()).casefold())
            if not name:
                raise ValidationError(
                    _(
                        "Line %(line)s: “%(meaning)s” is not a known meaning. Choose one "
                        "of: %(known)s.",
                        line=number,
                        meaning=meaning,
                        known=", ".join(sorted(words.values())),
                    )
                )
            found[code] = name
        return found or False


def _lines(told, words):
    """The lines of a map, numbers first and in their order; "" for none."""
    codes = sorted(told or {}, key=lambda code: (not code.isdecimal(), code.zfill(LONGEST_CODE)))
    return "\n".join(f"{code} = {words.get(told[code], told[code])}" for code in codes)
