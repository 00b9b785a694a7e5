/**
 * Draws the addon's icon: the ridges of a fingerprint around the hands of a clock.
 *
 *   deno run -A dev/icon.ts     writes odoo_addon/biometric_attendance/static/description/icon.png
 *
 * Pure arithmetic into a PNG, so that nobody needs a drawing program or a font to change it, and the
 * same code gives the same bytes. Must not know anything of the project but the path.
 */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

/** Odoo shows icons at up to 100 px, on dense screens at twice that. */
const SIZE = 256;
/** Samples per pixel and axis: smooth edges without knowing how steep they are. */
const SAMPLES = 4;

type Colour = readonly [red: number, green: number, blue: number];

const TOP: Colour = [113, 75, 103];
const BOTTOM: Colour = [74, 48, 82];
const RIDGE: Colour = [255, 255, 255];
const HANDS: Colour = [255, 196, 61];

/** Coordinates run from -1 to 1, y downwards. */
function insideSquare(x: number, y: number): boolean {
  const half = 0.96;
  const radius = 0.3;
  const dx = Math.max(Math.abs(x) - (half - radius), 0);
  const dy = Math.max(Math.abs(y) - (half - radius), 0);
  return dx * dx + dy * dy <= radius * radius;
}

function distanceToSegment(x: number, y: number, toX: number, toY: number): number {
  const along = Math.min(1, Math.max(0, (x * toX + y * toY) / (toX * toX + toY * toY)));
  return Math.hypot(x - along * toX, y - along * toY);
}

/** Ring radius, and the gap in it as [middle, half width] in turns from three o'clock, clockwise. */
const RIDGES: readonly (readonly [radius: number, middle: number, half: number])[] = [
  [0.34, 0.62, 0.06],
  [0.51, 0.13, 0.07],
  [0.68, 0.42, 0.09],
];
const RIDGE_HALF = 0.045;

/** On a ridge: a ring with one gap whose ends are round. */
function onRidge(x: number, y: number): boolean {
  const radius = Math.hypot(x, y);
  const turn = Math.atan2(y, x) / (2 * Math.PI);
  return RIDGES.some(([ring, middle, half]) => {
    const away = Math.abs(((turn - middle) % 1 + 1.5) % 1 - 0.5);
    if (away >= half) return Math.abs(radius - ring) <= RIDGE_HALF;
    return [middle - half, middle + half].some((end) => {
      const angle = end * 2 * Math.PI;
      return Math.hypot(x - ring * Math.cos(angle), y - ring * Math.sin(angle)) <= RIDGE_HALF;
    });
  });
}

function onHands(x: number, y: number): boolean {
  return distanceToSegment(x, y, 0, -0.21) <= 0.05 || distanceToSegment(x, y, 0.15, 0.09) <= 0.05;
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const part = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

/** The colour at a point; null is transparent. */
function colourAt(x: number, y: number): Colour | null {
  if (!insideSquare(x, y)) return null;
  if (onHands(x, y)) return HANDS;
  if (onRidge(x, y)) return RIDGE;
  return mix(TOP, BOTTOM, (y + 1) / 2);
}

/** Red, green, blue and alpha of one pixel, the mean of its samples. */
function pixel(column: number, row: number): number[] {
  const sum = [0, 0, 0];
  let covered = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (column + (i % SAMPLES + 0.5) / SAMPLES) / SIZE * 2 - 1;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / SIZE * 2 - 1;
    const colour = colourAt(x, y);
    if (!colour) continue;
    covered++;
    colour.forEach((value, index) => sum[index]! += value);
  }
  const alpha = Math.round(255 * covered / (SAMPLES * SAMPLES));
  return [...sum.map((value) => covered ? Math.round(value / covered) : 0), alpha];
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = new Uint8Array([...new TextEncoder().encode(type), ...data]);
  const framed = new Uint8Array(named.length + 8);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(named, 4);
  view.setUint32(named.length + 4, crc32(named));
  return framed;
}

/** The icon as a PNG (8 bits per channel, RGBA, no filter). */
export function drawIcon(): Uint8Array {
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, SIZE);
  new DataView(header.buffer).setUint32(4, SIZE);
  header.set([8, 6, 0, 0, 0], 8);
  const rows: number[] = [];
  for (let row = 0; row < SIZE; row++) {
    rows.push(0);
    for (let column = 0; column < SIZE; column++) rows.push(...pixel(column, row));
  }
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", new Uint8Array(deflateSync(new Uint8Array(rows), { level: 9 }))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

if (import.meta.main) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const path = join(root, "odoo_addon/biometric_attendance/static/description/icon.png");
  await writeFile(path, drawIcon());
  console.log(path);
}
