/**
 * The thread of the health port: begins here, is given a line to the agent's own thread, opens the port and
 * answers with what it is told. Owns what is said on that line at this end. It has the permissions of the process and takes
 * none away: Deno would take them from the whole process.
 */
import type { FromThread, ToThread } from "./figures.ts";
import { Newest } from "./figures.ts";
import { HealthPort } from "./health_port.ts";

addEventListener("message", (event) => {
  const [line] = (event as MessageEvent).ports;
  if (line !== undefined) attend(line);
}, { once: true });

function attend(line: MessagePort): void {
  const say = (message: FromThread) => line.postMessage(message);
  let port: HealthPort | null = null;
  let newest: Newest | null = null;
  line.onmessage = async ({ data }: MessageEvent<ToThread>) => {
    switch (data.kind) {
      case "open":
        newest = new Newest({
          first: data.figures,
          ask: () => say({ kind: "ask", connections: port?.connections ?? 0 }),
          now: () => performance.now(),
        });
        port = portFor(data, newest, say);
        return;
      case "figures":
        return newest?.told(data.figures);
      case "close":
        await port?.stop();
        say({ kind: "closed" });
    }
  };
}

/** Null when it cannot be opened; that is said. */
function portFor(
  { host, port, token }: Extract<ToThread, { kind: "open" }>,
  newest: Newest,
  say: (message: FromThread) => void,
): HealthPort | null {
  const warn = (message: string, fields?: Readonly<Record<string, unknown>>) =>
    say({ kind: "warn", message, error: String(fields?.["error"]) });
  const made = new HealthPort({
    host,
    port,
    token,
    figures: () => newest.get(),
    log: { warn },
  });
  try {
    made.start();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    say({ kind: "refused", name, message });
    return null;
  }
  say({ kind: "opened", port: made.port });
  return made;
}
