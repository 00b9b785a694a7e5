/**
 * Numbers and names of the push protocol that decide what a row is: tables, device log codes, access
 * events. Pure data. What a status or verify code means to people is Odoo's business.
 */

/** Uploads of these are acknowledged and counted; their bytes are dropped unread. Lower case. */
const BIOMETRIC_TABLES = new Set([
  "attphoto",
  "attpic",
  "biodata",
  "biophoto",
  "bioface",
  "comparephoto",
  "enrollphoto",
  "extuser",
  "face",
  "facev7",
  "fingertmp",
  "fvein",
  "fvtemplate",
  "idcard",
  "identitycard",
  "mulbiodata",
  "palm",
  "photo",
  "pvtemplate",
  "template",
  "templatev10",
  "unknownpic",
  "userpic",
]);

export function isBiometricTable(name: string): boolean {
  return BIOMETRIC_TABLES.has(name.toLowerCase());
}

/** Data tables of the access dialect that set doors up: users and rights, no events. Lower case. */
const SETUP_TABLES = new Set([
  "antipassback",
  "devauthorize",
  "devparameters",
  "devproperty",
  "diffdevlinkage",
  "doorparameters",
  "doorvttable",
  "errorlog",
  "firstcard",
  "holiday",
  "inoutfun",
  "inputiosetting",
  "inputtimezone",
  "interlock",
  "linkage",
  "mulcarduser",
  "multimcard",
  "outrelaysetting",
  "timezone",
  "user",
  "userauthorize",
  "wgformat",
]);

export function isSetupTable(name: string): boolean {
  return SETUP_TABLES.has(name.toLowerCase());
}

/** First words of rows that carry templates, photos or an identity card. */
const BIOMETRIC_ROWS: ReadonlyMap<string, "finger" | "face" | "palm" | "other"> = new Map([
  ["FP", "finger"],
  ["FINGERTMP", "finger"],
  ["TEMPLATEV10", "finger"],
  ["FVEIN", "finger"],
  ["FACE", "face"],
  ["BIODATA", "other"],
  ["BIOPHOTO", "other"],
  ["USERPIC", "other"],
  ["ATTPHOTO", "other"],
  ["IDCARD", "other"],
]);

export function biometricRow(word: string): "finger" | "face" | "palm" | "other" | null {
  return BIOMETRIC_ROWS.get(word.toUpperCase()) ?? null;
}

/** `Type` of a BIODATA row: 1 finger, 2 and 9 face, 7 finger vein, 8 and 10 palm. */
export function biodataKind(type: string | undefined): "finger" | "face" | "palm" | "other" {
  switch (type) {
    case "1":
    case "7":
      return "finger";
    case "2":
    case "9":
      return "face";
    case "8":
    case "10":
      return "palm";
    default:
      return "other";
  }
}

/** OPLOG code: somebody set the terminal's clock. */
export const CLOCK_SET = 21;

/** OPLOG codes after which the terminal's memory is not what it was: data cleared, factory reset. */
export const MEMORY_LOST: ReadonlySet<number> = new Set([13, 22]);

/** Access events that are verified passes of a person; others can be added per device. */
export const PUNCH_EVENTS: readonly number[] = [0, 1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 19];

/**
 * Access events that are no pass whoever they name: denials 20 to 59, alarms from 100, doors from
 * 200. What lies between is undocumented and is kept when it names a person.
 */
export function isKnownNonPunch(event: number): boolean {
  return (event >= 20 && event <= 59) || event >= 100;
}
