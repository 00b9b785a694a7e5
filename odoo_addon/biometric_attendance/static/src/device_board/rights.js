// generated from owl_src/device_board/rights.ts, do not edit
import { user } from "@web/core/user";
async function askRights() {
  const [mayPair, mayReadUnread] = await Promise.all([
    may("biometric.agent", "create"),
    may("biometric.sighting", "read")
  ]);
  return { mayPair, mayReadUnread };
}
async function may(model, operation) {
  try {
    return await user.checkAccessRight(model, operation);
  } catch {
    return false;
  }
}
export {
  askRights
};
