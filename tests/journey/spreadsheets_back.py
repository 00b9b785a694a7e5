"""Rosters that a spreadsheet saved, fed back into the import: what came of each.

Runs in Odoo's shell after spreadsheets.py (`env` and FOLDER are given).
"""

# ruff: noqa: F821 - env and FOLDER come from the shell

import base64
from pathlib import Path

standing = env["biometric.roster"].search_count([])
for path in sorted(Path(FOLDER, "back").iterdir()):
    wizard = env["biometric.roster.import"].create(
        {"data": base64.b64encode(path.read_bytes()), "file_name": path.name}
    )
    wizard.action_import()
    told = f"{wizard.same_count} of {standing} as before, {wizard.added_count} added"
    good = not wizard.faults and wizard.same_count == standing and not wizard.added_count
    print(
        f"BACK|{'good' if good else 'bad'}|{path.name}|{told}|{wizard.faults or ''}".replace(
            "\n", "; "
        )
    )
