/**
 * Where in a JSON text things stand: the place of its first fault, with what is wrong there in words,
 * or the place of every value. `JSON.parse` decides what a text means and tells a place for some
 * faults only. Pure. Must not know what the text is of.
 */

/** Both count from 1; columns are characters as an editor counts them. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export class JsonFault extends Error {
  override readonly name = "JsonFault";
  constructor(readonly place: TextPlace, message: string) {
    super(message);
  }
}

const BLANKS = /[ \t\n\r]*/y;
// deno-lint-ignore no-control-regex -- a JSON text holds no control character unescaped
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** What JSON.parse does not nest deeper than anybody's settings. */
const MAX_DEPTH = 200;

/**
 * Dotted path of every member and item (`devicePort.allow.0`) with its place: of a member that of its
 * name. Throws JsonFault.
 */
export function placesInJson(text: string): Map<string, TextPlace> {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #places = new Map<string, TextPlace>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Map<string, TextPlace> {
    this.#value([]);
    this.#skip();
    if (this.#at < this.#text.length) this.#fail("there is text behind the end of the JSON");
    return this.#places;
  }

  #value(path: readonly string[]): void {
    this.#skip();
    if (path.length > MAX_DEPTH) this.#fail("it is nested too deeply");
    if (this.#takes("{")) return this.#members(path);
    if (this.#takes("[")) return this.#items(path);
    if (this.#text[this.#at] === '"') return void this.#string();
    if (this.#take(NUMBER) === null && this.#take(WORD) === null) {
      this.#fail(
        this.#text[this.#at] === "'" ? "text stands in double quotes" : "a value is missing",
      );
    }
  }

  #members(path: readonly string[]): void {
    this.#skip();
    if (this.#takes("}")) return;
    for (;;) {
      this.#skip();
      const place = this.#place();
      if (this.#text[this.#at] !== '"') {
        if (this.#text[this.#at] === "}") this.#fail("there is a comma too many before this }");
        this.#fail("the name of a setting, in double quotes, is missing");
      }
      const inner = [...path, this.#string()];
      this.#places.set(inner.join("."), place);
      this.#skip();
      if (!this.#takes(":")) this.#fail("a colon is missing");
      this.#value(inner);
      this.#skip();
      if (this.#takes("}")) return;
      if (!this.#takes(",")) this.#fail("a comma or } is missing");
    }
  }

  #items(path: readonly string[]): void {
    this.#skip();
    if (this.#takes("]")) return;
    for (let index = 0;; index++) {
      this.#skip();
      if (this.#text[this.#at] === "]") this.#fail("there is a comma too many before this ]");
      const inner = [...path, String(index)];
      this.#places.set(inner.join("."), this.#place());
      this.#value(inner);
      this.#skip();
      if (this.#takes("]")) return;
      if (!this.#takes(",")) this.#fail("a comma or ] is missing");
    }
  }

  #string(): string {
    const written = this.#take(TEXT);
    if (written !== null) return JSON.parse(written) as string;
    return this.#fail("this text does not end on its line, or holds a \\ that means nothing");
  }

  #skip(): void {
    this.#take(BLANKS);
  }

  #takes(sign: string): boolean {
    const there = this.#text[this.#at] === sign;
    if (there) this.#at++;
    return there;
  }

  #take(form: RegExp): string | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #place(): TextPlace {
    const lines = this.#text.slice(0, this.#at).split(/\r\n|\n|\r/);
    return { line: lines.length, column: [...lines.at(-1) ?? ""].length + 1 };
  }

  #fail(message: string): never {
    const ended = this.#at >= this.#text.length;
    throw new JsonFault(this.#place(), ended ? `${message}: the file ends here` : message);
  }
}
