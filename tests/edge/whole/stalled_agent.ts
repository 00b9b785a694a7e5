/** The agent with a fault of its own: after STALL_AFTER_MS its event loop stands still for good. */
import { main } from "../../../edge_agent/main.ts";

const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
setTimeout(() => {
  for (;;);
}, Number(Deno.env.get("STALL_AFTER_MS")));
await main({ args: Deno.args, out: write, err: write });
