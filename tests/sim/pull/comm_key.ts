/** The comm key's scramble undone: what anybody who sees one AUTH packet can do. Imports nothing. */

const LETTERS = [0x5a, 0x4b, 0x53, 0x4f];

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + (value >>> bit & 1);
  return reversed;
}

/**
 * The key behind four AUTH bytes. One byte was overwritten by the ticks, so
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
