// generated from owl_src/kept_read.ts, do not edit
import { onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Refresher } from "./refresher";
const CLOCK = {
  now: () => Date.now(),
  setTimeout: (run, ms) => browser.setTimeout(run, ms),
  clearTimeout: (timer) => browser.clearTimeout(timer)
};
async function hasOne(roles) {
  for (const role of roles) {
    if (await user.hasGroup(`biometric_attendance.group_${role}`)) return true;
  }
  return false;
}
function useKeptRead({ readers, busType, times, read, begin }) {
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
async function quietly(read) {
  try {
    await read();
  } catch (error) {
    if (error instanceof ConnectionLostError || error instanceof RPCError) return;
    throw error;
  }
}
export {
  CLOCK,
  useKeptRead
};
