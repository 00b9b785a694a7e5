/**
 * What the reader of the board may do beyond reading it.
 *
 * Owns the questions to Odoo; no, where nobody answers. Must not know what is shown for it.
 */
import { user } from "@web/core/user";

export interface Rights {
  mayPair: boolean;
  mayReadUnread: boolean;
}

export async function askRights(): Promise<Rights> {
  const [mayPair, mayReadUnread] = await Promise.all([
    may("biometric.agent", "create"),
    may("biometric.sighting", "read"),
  ]);
  return { mayPair, mayReadUnread };
}

async function may(model: string, operation: "read" | "create"): Promise<boolean> {
  try {
    return await user.checkAccessRight(model, operation);
  } catch {
    return false;
  }
}
