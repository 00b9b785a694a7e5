/**
 * A reading that stands in the bar or over every screen: read for whoever has a part in it, again after
 * messages of the bus and at a slow beat. A reading that fails leaves what stands there.
 *
 * Owns when it is read and by whom. Must not know what is read.
 */
import { onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Refresher, type RefresherClock, type RefresherTimes } from "./refresher.ts";

export const CLOCK: RefresherClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => browser.setTimeout(run, ms),
  clearTimeout: (timer) => browser.clearTimeout(timer),
};

export interface KeptRead {
  /** Roles of ours; whoever has none of them sees nothing and asks Odoo no more than that. */
  readonly readers: readonly string[];
  /** Type of the messages that say that there may be something new. */
  readonly busType: string;
  readonly times: RefresherTimes;
  /** Asks Odoo and shows the answer; may fail as a request does. */
  readonly read: () => Promise<void>;
  /** The reader has a part in it: before the first reading. */
  readonly begin?: () => void;
}

/** One answered yes is enough. */
async function hasOne(roles: readonly string[]): Promise<boolean> {
  for (const role of roles) {
    if (await user.hasGroup(`biometric_attendance.group_${role}`)) return true;
  }
  return false;
}

/** For the setup of a component. */
export function useKeptRead({ readers, busType, times, read, begin }: KeptRead): void {
  const bus = useService("bus_service");
  const refresher = new Refresher(() => quietly(read), times, CLOCK);
  const wake = () => refresher.request();
  let here = true;
  onMounted(async () => {
    if (!await hasOne(readers) || !here) return;
    begin?.();
    bus.subscribe(busType, wake);
    refresher.start();
  });
  onWillUnmount(() => {
    here = false;
    bus.unsubscribe(busType, wake);
    refresher.stop();
  });
}

async function quietly(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof ConnectionLostError || error instanceof RPCError) return;
    throw error;
  }
}
