"""What the codes of a punch mean on a family of terminals: data, asked for by days and screens.

A code is stored as sent and never decides pay alone. Must not know punches.
"""

from odoo import api
from odoo.exceptions import ValidationError

from ...engine import MEANINGS, STATUS_PRESETS, status_codes

# How the person was recognised, per family of firmware (facts of their tables).
_NEWER = {
    "0": "any",
    "1": "finger",
    "2": "pin",
    "3": "password",
    "4": "card",
    "5": "finger_or_password",
    "6": "finger_or_card",
    "7": "card_or_password",
    "8": "pin_finger",
    "9": "finger_password",
    "10": "card_finger",
    "11": "card_password",
    "12": "finger_password_card",
    "13": "pin_finger_password",
    "15": "face",
    "16": "face_finger",
    "17": "face_password",
    "18": "face_card",
    "21": "vein",
    "25": "palm",
    "200": "other",
}
VERIFY_PRESETS = {
    "newer": _NEWER,
    "classic": {"0": "password", "1": "finger", "2": "card"},
    "us320": {"0": "password", "1": "finger", "2": "card", "3": "pin", "4": "pin_finger"},
    "none": {},
}
# The presets as people choose them; a family without words fails here.
_STATUS_CHOICES = {
    "standard": "As on most terminals",
    "us320": "US320: 2 and 3 are meals",
    "access": "In and out only",
    "none": "Codes without meaning",
}
_VERIFY_CHOICES = {
    "newer": "As on newer terminals",
    "classic": "As on classic terminals",
    "us320": "US320",
    "none": "Codes without meaning",
}
STATUS_CHOICES = [(name, _STATUS_CHOICES[name]) for name in STATUS_PRESETS]
VERIFY_CHOICES = [(name, _VERIFY_CHOICES[name]) for name in VERIFY_PRESETS]


class DeviceCodes:
    """Of biometric.device: meanings in force for one terminal. Mixed into its one class."""

    __slots__ = ()

    def _status_meanings(self):
        """{status code: meaning} in force for one device."""
        self.ensure_one()
        return {**STATUS_PRESETS[self.status_preset], **(self.status_map or {})}

    def _status_codes(self):
        """{status code: (direction or None, state as most terminals write it)}. A code that is not
        among them says nothing and stays as it is."""
        return status_codes(self._status_meanings())

    def _status_word(self, status):
        """What the key means on this device, in words; "" where it says nothing."""
        self.ensure_one()
        return self._status_words().get(self._status_meanings().get(status), "")

    def _verify_word(self, verify):
        """How the person was recognised, in words; "" where nobody knows."""
        self.ensure_one()
        return self._verify_words().get(self._verify_meanings().get(verify), "")

    @api.model
    def _status_words(self):
        _ = self.env._
        return {
            "in": _("In"),
            "out": _("Out"),
            "break_out": _("Out for a break"),
            "break_in": _("Back from a break"),
            "meal_out": _("Out for a meal"),
            "meal_in": _("Back from a meal"),
            "ot_in": _("Overtime in"),
            "ot_out": _("Overtime out"),
        }

    @api.model
    def _verify_words(self):
        """Of combinations the parts, joined by +."""
        _ = self.env._
        parts = {
            "finger": _("finger"),
            "pin": _("PIN"),
            "password": _("password"),
            "card": _("card"),
            "face": _("face"),
            "vein": _("vein"),
            "palm": _("palm"),
        }
        words = dict(parts, any=_("any way"), other=_("another way"))
        for meanings in VERIFY_PRESETS.values():
            for meaning in meanings.values():
                if meaning not in words:
                    glue = _(" or ") if "_or_" in meaning else " + "
                    words[meaning] = glue.join(
                        parts[part] for part in meaning.replace("_or_", "_").split("_")
                    )
        return words

    @api.constrains("status_map", "verify_map")
    def _check_code_maps(self):
        for device in self:
            for told, known in (
                (device.status_map, MEANINGS),
                (device.verify_map, {*self._verify_words()}),
            ):
                for code, meaning in (told or {}).items():
                    if meaning not in known or not str(code).isascii() or len(str(code)) > 24:
                        raise ValidationError(
                            self.env._(
                                "Code %(code)s: “%(meaning)s” is not a known meaning. "
                                "Known are: %(known)s.",
                                code=code,
                                meaning=meaning,
                                known=", ".join(sorted(known)),
                            )
                        )

    def _verify_meanings(self):
        """{verify code: meaning} in force for one device."""
        self.ensure_one()
        return {**VERIFY_PRESETS[self.verify_preset], **(self.verify_map or {})}
