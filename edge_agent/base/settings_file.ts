/**
 * The file of the settings as values: read, found to be one JSON object, with the place of every field.
 * Owns what is said about a file that is none; must not know any setting.
 */
import { JsonFault, placesInJson, type TextPlace } from "./json_text.ts";

export type Values = Record<string, unknown>;

export interface SettingsFile {
  /** Empty where there is a fault, or no file. */
  readonly values: Values;
  /** Of every field of the file, by its dotted path. */
  readonly places: ReadonlyMap<string, TextPlace>;
  /** What is wrong with the file as a whole. */
  readonly fault: { readonly message: string; readonly place?: TextPlace } | null;
}

/** `readText` gives null when there is no file, and throws when it is there and cannot be read. */
export function readSettingsFile(
  readText: () => string | null,
  required: boolean,
): SettingsFile {
  let text: string | null;
  try {
    text = readText();
  } catch (error) {
    return failed(`cannot be read (${error instanceof Error ? error.name : "unknown error"})`);
  }
  if (text === null) return required ? failed("does not exist") : { ...NOTHING, values: {} };
  // Some editors put a byte order mark before what they save.
  const bare = text.replace(/^\ufeff/, "");
  if (bare.trim() === "") return failed("is empty; the least it holds is {}");
  try {
    const places = placesInJson(bare);
    const values: unknown = JSON.parse(bare);
    if (!isObject(values)) return failed("must hold one JSON object");
    return { values, places, fault: null };
  } catch (error) {
    return error instanceof JsonFault
      ? failed(`is not JSON: ${error.message}`, error.place)
      : failed("is not JSON");
  }
}

const NOTHING: SettingsFile = { values: {}, places: new Map(), fault: null };

function failed(message: string, place?: TextPlace): SettingsFile {
  return { ...NOTHING, values: {}, fault: { message, ...(place && { place }) } };
}

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
