/** How far the reads are that somebody ordered and may be watching. In memory alone. Pure. */

/** `progress` of a command in docs/contract.md. */
export interface Progress {
  readonly step: "connecting" | "reading" | "storing";
  /** Records. */
  readonly done: number;
  /** Null while the terminal has not said. */
  readonly total: number | null;
}

/** One read as it goes on. */
export interface Watched {
  /** Bytes of the transfer so far and in all. */
  reading(bytes: number, of: number): void;
  storing(records: number): void;
}

export class ProgressBook {
  readonly #now = new Map<number, Progress>();

  /** Begins again with every call; reads that nobody ordered are not noted. */
  of(commandId: number | null, total: number | null): Watched {
    const note = (step: Progress["step"], done: number) => {
      if (commandId !== null) this.#now.set(commandId, { step, done, total });
    };
    note("connecting", 0);
    return {
      reading: (bytes, of) => note("reading", Math.floor((total ?? 0) * bytes / Math.max(1, of))),
      storing: (records) => note("storing", records),
    };
  }

  end(commandId: number | null): void {
    if (commandId !== null) this.#now.delete(commandId);
  }

  get(commandId: number): Progress | null {
    return this.#now.get(commandId) ?? null;
  }
}
