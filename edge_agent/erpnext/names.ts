/**
 * What things are called on an ERPNext site: DocTypes, states, roles. Pure data; must not know what is done
 * with them.
 */
export const PUNCH = "Biometric Punch";
export const UNREAD = "Biometric Unread Line";
export const DEVICE = "Biometric Device";
export const DEVICE_SHIFT = "Biometric Device Shift";
export const DEVICE_USER = "Biometric Device User";
export const RUN = "Biometric Run";
export const GAP = "Biometric Gap";
export const SITE_COMMAND = "Biometric Command";
export const AGENT = "Biometric Agent";

export const CHECKIN = "Employee Checkin";
export const EMPLOYEE = "Employee";
export const ATTENDANCE = "Attendance";
export const SHIFT_TYPE = "Shift Type";

/** The field of a check-in that names its raw punch. */
export const KEY_FIELD = "biometric_key";

/** Fields of a check-in that the agent writes. */
export const WRITTEN_OF_CHECKIN: readonly string[] = [
  "employee",
  "time",
  "log_type",
  "device_id",
  "skip_auto_attendance",
  "latitude",
  "longitude",
  KEY_FIELD,
];

/** Role of every agent's own user; it has no desk. */
export const ROLE = "Biometric Agent";

/**
 * What has become of a punch. `stored`: posted as a check-in when it came; `released`: posted after a person
 * had mapped, approved or released; `unmapped`, `held`: waits for a person; `refused`: the site takes no
 * such check-in; `removed`: its check-in was deleted by a person.
 */
export const STATES = ["stored", "released", "unmapped", "held", "refused", "removed"] as const;
export type PunchState = typeof STATES[number];

/** What HR may decide of a punch that waits. */
export const DECISIONS = ["", "Release", "Discard"] as const;

/** `log_type` of a terminal's check-ins: none, always one, or by the status the terminal states. */
export const DIRECTIONS = ["", "IN", "OUT", "BY STATUS"] as const;
export type Direction = typeof DIRECTIONS[number];

export const APPROVALS = ["Waiting", "Approved", "Refused"] as const;

export const COMMAND_STATES = ["Requested", "Running", "Done", "Failed"] as const;

/** What can be asked for on the site, and the order that it is. */
export const SITE_COMMANDS: Readonly<Record<string, string>> = {
  "Pull from terminal": "pull_window",
  "Read new punches": "upload_new",
  "Set the clock": "set_clock",
  "Refresh device users": "refresh_users",
  "Clear terminal": "clear_log",
  "Restart terminal": "reboot",
};
