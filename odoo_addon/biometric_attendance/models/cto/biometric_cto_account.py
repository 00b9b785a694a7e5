"""The time account of one person in one company: opened with a lock, continued, written down.

Owns the order of entries, their numbers and hashes, and the sums that are shown. What an operation
posts is the engine's business; which operation is due, the other files of this room say. Two
transactions never continue one account from the same point: the row is changed when it is opened,
so that the second one fails and Odoo tries it again.
"""

from dataclasses import replace

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...engine import FOREVER, Bank, Entry, Flex, Overflow, RuleSet, band_of
from ...verifier import bank as seal
from ..mixins.biometric_computed import ComputedAlone
from .account_look import AccountLook

ACCOUNTS = [("bank", "Compensatory time"), ("flex", "Flex account")]
# Columns of an entry that whoever posts may say besides what the engine does.
FACTS = (
    "work_date",
    "day_class",
    "overtime_minutes",
    "over_minutes",
    "over_reason",
    "over_overtime_minutes",
    "choice",
    "chosen_by",
    "authority",
    "rule_name",
    "leave_number",
    "use_date",
    "requested_on",
    "note",
)
COLUMNS = (*seal.SEALED, "previous_hash", "hash")
# What an account is continued from, of each entry.
REPLAYED = (
    "account_id",
    "kind",
    "minutes",
    "date",
    "source",
    "moves",
    "owed_change",
    "earned_on",
    "expires_on",
    "asked_minutes",
    "reason",
    "over_minutes",
    "over_reason",
    "over_overtime_minutes",
)


class Book:
    """One opened account: the engine's side of it (`bank` or `flex`) and what was posted since.

    `latest`: `{source: row}` of the last stored entry of each source.
    """

    def __init__(self, account, rows):
        self.account = account
        self.rows = rows
        self.latest = {row["source"]: row for row in rows}
        entries = [_entry_of(row) for row in rows]
        if account["kind"] == "flex":
            self.bank, self.flex = None, Flex(RuleSet(), entries)
        else:
            self.bank, self.flex = Bank.replay(RuleSet(), entries, None, _overflows(self)), None
        self._stored = self._told = len(entries)
        self._facts = {}

    @property
    def entries(self):
        return (self.bank or self.flex).entries

    @property
    def last_date(self):
        return self.rows[-1]["date"] if self.rows else None

    @property
    def band(self):
        return band_of(self.flex.balance, self.flex.rules)

    def holds(self, source):
        """Whether a use stands and was not given back."""
        return (self.bank or self.flex).holds(source)

    def held(self, source):
        """Minutes of a use that stands; 0 of others."""
        if self.flex:
            return self.flex.taken(source)
        return sum(minutes for _lot, minutes in self.bank.taken(source))

    def use_rules(self, rules):
        """The rule set that the next operation is judged by."""
        (self.bank or self.flex).rules = rules

    def note(self, source, facts):
        """Lays `facts` beside what was posted for a source since the last note; returns how many
        entries that were."""
        count = 0
        for number in range(self._told, len(self.entries)):
            own = self.entries[number].source == source
            if own:
                self._facts[number] = facts
            count += own
        self._told = len(self.entries)
        return count

    def remark(self, entry, facts):
        """An entry of no minutes, for what moves nothing and must be known."""
        self.entries.append(replace(entry, minutes=0, moves=(), owed=0))
        self._facts[len(self.entries) - 1] = facts
        self._told = len(self.entries)

    def fresh(self):
        """`(number, engine's entry, facts)` of what was posted since it was opened."""
        for place in range(self._stored, len(self.entries)):
            yield place + 1, self.entries[place], self._facts.get(place, {})


def _entry_of(row):
    """A stored row as the engine's entry."""
    opens = row["kind"] in ("opening", "accrual", "accrual_reversal")
    return Entry(
        row["kind"],
        row["minutes"],
        row["date"],
        row["source"],
        tuple((lot, minutes) for lot, minutes in row["moves"] or ()),
        row["owed_change"] or 0,
        row["earned_on"],
        (row["expires_on"] or FOREVER) if opens else None,
        row["asked_minutes"],
        row["reason"] or "",
    )


def _overflows(book):
    """What found no room, as the last entry of each source says."""
    return [
        Overflow(
            source,
            row["over_minutes"],
            row["over_reason"] or "",
            row["over_overtime_minutes"] or 0,
            row["earned_on"] or row["date"],
        )
        for source, row in book.latest.items()
        if row["over_minutes"]
    ]


class BiometricCtoAccount(ComputedAlone, AccountLook, models.Model):
    _name = "biometric.cto.account"
    _description = "Time accounts"
    _inherit = ["biometric.look"]
    _log_access = False
    _order = "company_id, employee_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(ACCOUNTS, "Account", required=True, readonly=True)
    balance_minutes = fields.Integer("Balance", readonly=True)
    owed_minutes = fields.Integer(
        "Owed",
        readonly=True,
        help="Credit that was taken and then corrected: offset against the next credit.",
    )
    next_expiry = fields.Date("Next expiry", readonly=True, index="btree_not_null")
    head_number = fields.Integer("Entries", readonly=True)
    head_hash = fields.Char("Head hash", readonly=True)
    turn = fields.Integer("Times opened", readonly=True, help="How often it was opened.")
    band = fields.Selection(
        [("green", "Green"), ("yellow", "Discuss and plan"), ("red", "Measures")],
        "Level",
        readonly=True,
        help="For a flex account: how far from zero it is, according to the rule set.",
    )
    entry_ids = fields.One2many("biometric.cto.entry", "account_id", readonly=True)

    _one = models.UniqueIndex("(employee_id, company_id, kind)")

    @api.depends("employee_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for account in self:
            account.display_name = f"{account.employee_id.sudo().name or ''}, {kinds[account.kind]}"

    def _refuse_by_hand(self):
        raise AccessError(
            self.env._(
                "A time account results from days, agreements and time off. Correct those instead."
            )
        )

    # ------------------------------------------------------------------ open and write down

    @api.model
    def _open(self, company, employee_ids, kind="bank"):
        """`{employee_id: Book}` of these people, made where they have none, locked until the end of
        the transaction."""
        self._lay(company, employee_ids, kind)
        self.env.cr.execute(
            """UPDATE biometric_cto_account a SET turn = COALESCE(turn, 0) + 1
                 FROM (SELECT id FROM biometric_cto_account
                        WHERE company_id = %s AND kind = %s AND employee_id = ANY(%s)
                     ORDER BY id FOR UPDATE) own
                WHERE a.id = own.id
            RETURNING a.id, a.employee_id, a.company_id, a.kind, a.head_number, a.head_hash""",
            (company.id, kind, sorted(employee_ids)),
        )
        return self._books(self.env.cr.dictfetchall())

    @api.model
    def _look(self, company, employee_ids, kind="bank"):
        """The same to look at only: nothing is locked, nobody gets an account."""
        self.env.cr.execute(
            """SELECT id, employee_id, company_id, kind, head_number, head_hash
                 FROM biometric_cto_account
                WHERE company_id = %s AND kind = %s AND employee_id = ANY(%s)""",
            (company.id, kind, sorted(employee_ids)),
        )
        books = self._books(self.env.cr.dictfetchall())
        for employee_id in set(employee_ids) - set(books):
            none = {"id": 0, "employee_id": employee_id, "company_id": company.id, "kind": kind}
            books[employee_id] = Book(none, [])
        return books

    @api.model
    def _lay(self, company, employee_ids, kind):
        self.env.flush_all()
        execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_cto_account (company_id, employee_id, kind, balance_minutes,
                      owed_minutes, head_number, turn) VALUES %s ON CONFLICT DO NOTHING""",
            [(company.id, employee_id, kind, 0, 0, 0, 0) for employee_id in sorted(employee_ids)],
            page_size=1000,
        )

    @api.model
    def _books(self, accounts, shown=()):
        """`shown`: columns that rows have besides those they are continued from."""
        columns = (*REPLAYED, *shown)
        rows = self._rows([account["id"] for account in accounts], columns)
        return {one["employee_id"]: Book(one, rows.get(one["id"], [])) for one in accounts}

    @api.model
    def _rows(self, account_ids, columns):
        """`{account id: [entry as dict]}` in the order of numbers."""
        self.env.cr.execute(
            f"""SELECT {", ".join(columns)} FROM biometric_cto_entry WHERE account_id = ANY(%s)
             ORDER BY account_id, number""",
            (list(account_ids),),
        )
        found = {}
        for values in self.env.cr.fetchall():
            row = dict(zip(columns, values, strict=True))
            found.setdefault(row["account_id"], []).append(row)
        return found

    @api.model
    def _write_down(self, books):
        """Stores what was posted in these opened books; returns the number of entries."""
        now = fields.Datetime.now()
        rows, heads = [], []
        for book in books:
            own = self._fresh_rows(book, now)
            if own:
                rows += own
                heads.append(self._head(book, own[-1]))
        if not rows:
            return 0
        execute_values(
            self.env.cr._obj,
            f"INSERT INTO biometric_cto_entry ({', '.join(COLUMNS)}) VALUES %s",
            [[self._column(row[name]) for name in COLUMNS] for row in rows],
            page_size=1000,
        )
        execute_values(
            self.env.cr._obj,
            """UPDATE biometric_cto_account a
                  SET head_number = v.number, head_hash = v.hash, balance_minutes = v.balance,
                      owed_minutes = v.owed, next_expiry = v.expiry::date, band = v.band
                 FROM (VALUES %s) v (id, number, hash, balance, owed, expiry, band)
                WHERE a.id = v.id""",
            heads,
            page_size=1000,
        )
        self.invalidate_model()
        self.env["biometric.cto.entry"].invalidate_model()
        return len(rows)

    @staticmethod
    def _column(value):
        # unvalidated: Odoo would store an empty list as NULL, and the hash covers what stands there
        json = fields.Json()
        is_list = isinstance(value, list)
        return json.convert_to_column(value, None, validate=False) if is_list else value

    def _fresh_rows(self, book, now):
        """Columns of the new entries of a book, chained to what it had."""
        account = book.account
        previous = account["head_hash"] or seal.genesis(account["id"])
        balance = sum(row["minutes"] for row in book.rows)
        rows = []
        for number, entry, facts in book.fresh():
            balance += entry.minutes
            expires = entry.expires_on
            row = {
                **dict.fromkeys(FACTS),
                **facts,
                "account_id": account["id"],
                "company_id": account["company_id"],
                "employee_id": account["employee_id"],
                "number": number,
                "kind": entry.kind,
                "date": entry.on,
                "minutes": entry.minutes,
                "source": entry.source,
                "moves": [list(move) for move in entry.moves],
                "owed_change": entry.owed,
                "earned_on": entry.earned_on,
                "expires_on": None if expires == FOREVER else expires,
                "asked_minutes": entry.asked,
                "reason": entry.reason or None,
                "user_id": self.env.uid,
                "posted_at": now,
                "balance_minutes": balance,
                "previous_hash": previous,
            }
            previous = row["hash"] = seal.sealed(previous, _as_text(row))
            rows.append(row)
        return rows

    def _head(self, book, row):
        owed, expiry, band = 0, None, None
        if book.bank:
            owed = book.bank.owed
            ends = [lot.expires_on for lot in book.bank.lots.values() if lot.left]
            expiry = min((end for end in ends if end != FOREVER), default=None)
        else:
            band = book.band
        return (
            book.account["id"],
            row["number"],
            row["hash"],
            row["balance_minutes"],
            owed,
            expiry and expiry.isoformat(),
            band,
        )


def _as_text(row):
    """The columns with dates and instants as text, as the hash covers them."""
    return {
        name: str(value) if hasattr(value, "isoformat") else value for name, value in row.items()
    }
