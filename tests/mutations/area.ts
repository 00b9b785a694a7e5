/** Hostile changes to areas: whose PIN follows, on which days, what is left alone, who is missing where. */
import type { RoomMutations } from "../../dev/mutation.ts";

const registry = (name: string) =>
  `odoo_addon/biometric_attendance/models/registry/biometric_${name}.py`;
const area = registry("area");
const member = registry("area_member");
const reach = registry("area_reach");
const place = registry("area_place");
const map = registry("registry_map");

const CLASSES = ["TestArea", "TestAreaReach", "TestAreaMapper", "TestAreaPlace", "TestAreaDoors"];

const list: RoomMutations = {
  odoo: CLASSES.map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "an area without a statement maps PINs",
      file: reach,
      from: 'domain = [("same_pins", "=", True)]',
      to: "domain = []",
    },
    {
      says: "a PIN counts on days before somebody belonged to the area",
      file: reach,
      from: ", m.valid_from) AS first,",
      to: ", NULL) AS first,",
    },
    {
      says: "a PIN counts on days after somebody belonged to the area",
      file: reach,
      from: "LEAST(s.valid_to, m.valid_to) AS last",
      to: "s.valid_to AS last",
    },
    {
      says: "the first day of one terminal's service cuts days off another",
      file: reach,
      from: "GREATEST(NULLIF(s.valid_from, t.serves), m.valid_from)",
      to: "GREATEST(s.valid_from, m.valid_from)",
    },
    {
      says: "a day that a person named before the service is forgotten",
      file: reach,
      from: "NULLIF(s.valid_from, t.serves)",
      to: "CASE WHEN s.valid_from > t.serves THEN s.valid_from END",
    },
    {
      says: "a PIN that was another's before means nobody for ever after",
      file: reach,
      from: "HAVING NOT bool_or(meets)",
      to: "HAVING FALSE",
    },
    {
      says: "a further row is laid over one that is there",
      file: reach,
      from: "HAVING NOT bool_or(meets)",
      to: "HAVING TRUE",
    },
    {
      says: "a form tells of another company's terminal",
      file: reach,
      from: "            and device.company_id == area.company_id\n",
      to: "",
    },
    {
      says: "whoever opens an area opens its conflicts",
      file: area,
      from: '        self.env["biometric.area.place"].check_access("read")\n',
      to: "",
    },
    {
      says: "the mapper is silent about a membership that is over",
      file: reach,
      from: "area._belonging_from(user.valid_from)",
      to: "area.member_ids.employee_id",
    },
    {
      says: "a PIN counts at a terminal before its service",
      file: reach,
      from: "GREATEST(x.first, t.serves, u.valid_from) AS first",
      to: "GREATEST(x.first, u.valid_from) AS first",
    },
    {
      says: "one's own statement maps one's own PIN",
      file: reach,
      from: "l.user_id IN (a.stated_by_id, m.create_uid",
      to: "l.user_id IN (m.create_uid",
    },
    {
      says: "one's own membership maps one's own PIN",
      file: reach,
      from: "m.create_uid, m.write_uid,",
      to: "m.create_uid,",
    },
    {
      says: "who gave themselves their membership is not asked",
      file: reach,
      from: "m.create_uid, m.write_uid,",
      to: "m.write_uid,",
    },
    {
      says: "who asks is shown their own PIN as one that follows",
      file: reach,
      from: "%(asker)s::integer))",
      to: "NULL))",
    },
    {
      says: "a terminal that was moved away follows",
      file: reach,
      from: 'if device.state == "active"\n            and device.active',
      to: "if device.active",
    },
    {
      says: "of two that say different people the first wins",
      file: reach,
      from: "            if last.employee_id != span.employee_id:\n                return None\n",
      to: "",
    },
    {
      says: "a mapping to somebody else is not shown",
      file: reach,
      from: "elif means != employee_id or is_part:",
      to: "elif is_part:",
    },
    {
      says: "a mapping for other days is not shown",
      file: reach,
      from: "elif means != employee_id or is_part:",
      to: "elif means != employee_id:",
    },
    {
      says: "a mapping says no reason",
      file: reach,
      from: "with users._because(self._statement_words(span.area_id)):",
      to: 'with users._because(""):',
    },
    {
      says: "a new PIN wakes nobody",
      file: registry("device_user"),
      from: "_wake_for({device for (device,) in added})",
      to: "_wake_for(())",
    },
    {
      says: "a choice of a person carries other people's PINs along",
      file: reach,
      from: "if {(one.pin, span.employee_id) for span in one.spans} <= meant",
      to: "if one",
    },
    {
      says: "a terminal that joins later wakes nobody",
      file: area,
      from:
        "        self.filtered(lambda area: area._stated_of() - before[area.id])._note_statement()\n",
      to: "",
    },
    {
      says: "a deleted terminal leaves its area without an entry",
      file: registry("device"),
      from: "            area.device_ids -= self\n",
      to: "            pass\n",
    },
    {
      says: "everything is written at once however much it is",
      file: area,
      from: "if len(rows) > MOST_LINES:",
      to: "if False:",
    },
    {
      says: "a person belongs twice on one day",
      file: member,
      from: "        if found := self._overlapping():",
      to: "        if found := []:",
    },
    {
      says: "who left belongs until the day of archiving, whatever the contract says",
      file: member,
      from: "return min([today, *days])",
      to: "return today",
    },
    {
      says: "who left still begins to belong later",
      file: member,
      from: "                row.unlink()\n            elif",
      to: "                pass\n            elif",
    },
    {
      says: "a list that was not read makes people missing",
      file: place,
      from: "u.sync_state <> 'gone' AND NOT",
      to: "u.sync_state = 'on_device' AND NOT",
    },
    {
      says: "who is switched off counts as there",
      file: place,
      from: " AND NOT ({IS_DISABLED})",
      to: "",
    },
    {
      says: "who belongs by another area of the terminal is to be switched off",
      file: place,
      from: "PARTITION BY x.device_id, x.employee_id",
      to: "PARTITION BY x.area_id, x.device_id, x.employee_id",
    },
    {
      says: "whose PIN is another's now is to be switched off",
      file: place,
      from: "n.employee_id <> u.employee_id AND",
      to: "FALSE AND",
    },
    {
      says: "who has not consented is written",
      file: place,
      from: "THEN 'left_out' ELSE 'missing' END AS kind",
      to: "THEN 'missing' ELSE 'missing' END AS kind",
    },
    {
      says: "the mapper does not say where else it maps",
      file: map,
      from: '"also": tried.also,',
      to: '"also": [],',
    },
    {
      says: "the mapper does not say what stands against it",
      file: map,
      from: '"notes": [*notes[user.id], *tried.against],',
      to: '"notes": notes[user.id],',
    },
    {
      says: "the mapper maps the chosen terminal alone",
      file: map,
      from: '        return self.env["biometric.area"]._carry(users)',
      to: "        return users.browse(), []",
    },
  ],
};

export default list;
