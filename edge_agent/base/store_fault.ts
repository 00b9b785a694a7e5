/**
 * What a store says when it cannot keep something: not now, or not at all. Owns these two errors; must not
 * know what is stored or how.
 */

export type UnavailableReason = "full" | "damaged" | "io" | "closed";

/** Nothing of the upload may be acknowledged; whether it reached the disk is unknown. */
export class StoreUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailable";
    this.reason = reason;
  }
}

/** The queue cannot start and waiting does not mend it; the message says what to do. */
export class StoreRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreRefused";
  }
}
