/**
 * The comm key's scramble. Pure. It is no protection: whoever sees one AUTH packet has the key (which
 * is why commKeyOf can exist), so terminals belong on their own network.
 */

/** What every client sends as its tick byte. */
const TICKS = 50;
const LETTERS = [0x5a, 0x4b, 0x53, 0x4f];

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + (value >>> bit & 1);
  return reversed;
}

/** The four bytes of AUTH for a key (0 to 2^32 - 1) in a session. */
export function authBytes(key: number, session: number): Uint8Array<ArrayBuffer> {
  const sum = (reverseBits(key) + session) % 2 ** 32;
  const mixed = LETTERS.map((letter, at) => sum >>> (8 * at) & 0xff ^ letter);
  const [, b1 = 0, b2 = 0, b3 = 0] = mixed;
  return new Uint8Array([b2 ^ TICKS, b3 ^ TICKS, TICKS, b1 ^ TICKS]);
}

/**
 * The key behind four AUTH bytes, for diagnosis and tests. One byte was overwritten by the ticks, so
 * the answer is right for keys below 2^24; menus allow six digits.
 */
export function commKeyOf(auth: Uint8Array, session: number): number {
  const [m2 = 0, m3 = 0, ticks = 0, m1 = 0] = auth;
  const upper = [m1 ^ ticks ^ LETTERS[1]!, m2 ^ ticks ^ LETTERS[2]!, m3 ^ ticks ^ LETTERS[3]!];
  // The reversed key's lowest byte is the key's highest: 0, so the sum's is the session's.
  const sum = (session & 0xff) + upper[0]! * 2 ** 8 + upper[1]! * 2 ** 16 + upper[2]! * 2 ** 24;
  const reversed = (sum - session + 2 ** 32) % 2 ** 32;
  return reverseBits(reversed);
}
