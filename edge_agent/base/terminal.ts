/**
 * What the agent knows of a terminal: types shared by the codecs, the registry of devices and the
 * command book. Pure; holds no protocol text and no state.
 */

/**
 * Families of the push protocol, decided per device and open to override:
 * `attendance` 2.x; `ancient` 2.0.x and 2.31 (no `pushver`, HTTP/1.0); `access` (the "Security"
 * protocol 3.x); `us` (time clocks of the US protocol 3.2.0 with ISO stamps).
 */
export const DIALECTS = ["attendance", "ancient", "access", "us"] as const;
export type Dialect = typeof DIALECTS[number];

/** Which generation of status and verify codes a terminal uses: Odoo has a preset for each. */
export function familyOf(dialect: Dialect): string {
  return dialect === "ancient" ? "classic" : dialect;
}

export type DeviceState = "waiting" | "active" | "refused";

/** Same shape as docs/contract.md; nothing else may become part of a URL, a file or a log line. */
export const SERIAL = /^[A-Za-z0-9._-]{1,64}$/;

/** A comm key is a number of 32 bits; menus of terminals take six digits, their software more. */
export const MAX_COMM_KEY = 4_294_967_295;

/** Firmware, counts and capacity as the terminal stated them; names as in docs/contract.md. */
export type DeviceFacts = Readonly<Record<string, string | number>>;

/** A device user without password and templates: those never leave the codec. */
export interface DeviceUser {
  readonly pin: string;
  readonly name: string;
  readonly privilege: number;
  readonly card: string;
  readonly group: string;
  readonly has_password: boolean;
  readonly credentials: { readonly finger: number; readonly face: number; readonly palm: number };
}
