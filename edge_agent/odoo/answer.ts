/**
 * Whether an answer of Odoo is what it claims to be, and which of a destination's errors it is otherwise.
 * Must not know routes, tokens or who asked.
 */
import { z } from "zod";
import {
  AskedToWait,
  Gone,
  NotWelcome,
  type RawAnswer,
  readRetryAfter,
  TooLarge,
  Unreachable,
  Waiting,
} from "../delivery/delivery.ts";

const errorBody = z.object({ error: z.string().max(64), message: z.string().optional() });

interface Asked {
  readonly database: string | null;
  readonly now: number;
}

/** Returns the body of a status 200 of the right shape; throws what the rest means for pacing. */
export function provenAnswer<T>(answer: RawAnswer, schema: z.ZodType<T>, asked: Asked): T {
  const value = answer.contentType.toLowerCase().startsWith("application/json")
    ? parsed(answer.text)
    : undefined;
  if (answer.status !== 200) throw refusal(answer, value, asked);
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const where = checked.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new Unreachable(
    value === undefined
      ? "status 200 without our JSON"
      : `status 200 of another shape at '${where}'`,
    true,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Odoo answers 404 in its own words for a database it does not have, and for one without our addon. */
function whyNotFound(database: string | null): string {
  return database === null
    ? "no database was named and Odoo has several or none with Biometric Attendance: " +
      "pair with --database NAME"
    : `Odoo has no database “${database}”, or Biometric Attendance is not installed in it`;
}

/** Errors of docs/contract.md that come with a Retry-After. */
const OWN_WAITS: ReadonlySet<string> = new Set(["slow_down", "unavailable"]);

function refusal(answer: RawAnswer, value: unknown, { database, now }: Asked): Error {
  const body = errorBody.safeParse(value);
  const code = body.success ? body.data.error : null;
  const noDatabase = answer.status === 404 && (code === null || code === "not_found");
  const said = noDatabase ? whyNotFound(database) : code ?? "not our words";
  const message = `status ${answer.status} (${said})`;
  if (answer.status === 403 && code === "waiting") return new Waiting(message);
  if (answer.status === 403 && code === "gone") return new Gone(message);
  if (answer.status === 401 || answer.status === 403) return new NotWelcome(message);
  if (answer.status === 413) return new TooLarge(message);
  const askedMs = readRetryAfter(answer.retryAfter, now);
  const retryAfter = askedMs === null ? null : { ms: askedMs, own: OWN_WAITS.has(code ?? "") };
  if (code === "slow_down" && retryAfter !== null) return new AskedToWait(message, retryAfter);
  const busy = answer.status === 429 || answer.status === 503;
  return new Unreachable(message, !busy, retryAfter);
}
