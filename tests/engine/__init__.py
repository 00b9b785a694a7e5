"""Tests of the day arithmetic without Odoo: the engine is imported as the top package `engine`."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
for _path in (_ROOT / "odoo_addon/biometric_attendance", _ROOT / "tests/cases"):
    if str(_path) not in sys.path:
        sys.path.insert(0, str(_path))
