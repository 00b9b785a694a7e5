/**
 * The comm key's scramble. Pure. It is no protection: whoever sees one AUTH packet has the key, so
 * terminals belong on their own network.
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
