/** Mending a damaged log: what is put back, what is left out, and that nothing is mended before it was copied. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { repairLog } from "../../../edge_agent/queue/log_frames.ts";
import { copyOf, COUNT, killed, nothingLost } from "../../sim/log_damage.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import {
  punchesOf,
  queueOptions,
  SERIAL,
  tempDirectory,
  upload,
  withQueue,
} from "../../sim/queue_kit.ts";
import { LaneKit } from "./lane_kit.ts";

const PAGE = 4_096;
const HEADER = 32;
const FRAME = PAGE + 24;
const DAY_MS = 86_400_000;
const LOG = "queue.sqlite-wal";

async function soundLog(): Promise<Uint8Array> {
  const directory = await killed(0);
  try {
    return Deno.readFileSync(join(directory, LOG));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function flippedBit(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const harmed = bytes.slice();
  harmed[at] = (harmed[at] ?? 0) ^ (1 << bit);
  return harmed;
}

function flipped(bytes: Uint8Array, ...places: readonly number[]): Uint8Array {
  const harmed = bytes.slice();
  for (const at of places) harmed[at] = (harmed[at] ?? 0) ^ 1;
  return harmed;
}

// Red when the bit is found and left as it is: a page with it is taken for what SQLite wrote.
Deno.test("R67 a flipped bit is put back: the mended log is the one that was written", async () => {
  const log = await soundLog();
  const sound = repairLog(log, PAGE);
  assert.ok(sound);
  assert.deepEqual(sound.mended, []);
  for (const frame of [1, 4, 7]) {
    const mended = repairLog(flipped(log, HEADER + frame * FRAME + 24 + 1_000), PAGE);
    assert.match(mended?.mended.join() ?? "", /bit 0 of byte 1008/);
    assert.deepEqual(mended?.bytes, sound.bytes);
  }
});

// Red when a bit of the page that moves the checksum by one bit is taken for one of the checksum, or the
// other way round: the next frame would not go on from it, and all after it would be left out.
Deno.test("R67 every bit of a frame's checksum, and of the words that move it least, is put back", async () => {
  const log = await soundLog();
  const sound = repairLog(log, PAGE);
  assert.ok(sound);
  const lastWords = FRAME - 8;
  for (const frame of [1, 4, 7]) {
    for (const from of [16, lastWords]) {
      for (let bit = 0; bit < 64; bit++) {
        const place = HEADER + frame * FRAME + from + (bit >> 3);
        const mended = repairLog(flippedBit(log, place, bit & 7), PAGE);
        const what = `frame ${frame}, bit ${bit} from byte ${from}`;
        assert.equal(mended?.mended.length, 1, what);
        assert.equal(mended?.bytes.length, sound.bytes.length, what);
        const isLeft = /left as it was found/.test(mended?.mended[0] ?? "");
        if (!isLeft) assert.deepEqual(mended?.bytes, sound.bytes, what);
        else assert.ok(bit % 32 >= 24, `${what} is told from all others`);
      }
    }
  }
});

// Red when a page that lies in another place is left there though the pages around it say which it was: the
// one it was is then of an earlier commit, and how much is lost nobody can say. Where nothing tells: when a row
// that stands on two pages counts twice, and as many lost ones are not counted.
Deno.test("R67 a page's number with a flipped bit is put back, or what it costs is counted", async () => {
  const sound = await killed(0);
  const log = Deno.readFileSync(join(sound, LOG));
  const whole = repairLog(log, PAGE);
  assert.ok(whole);
  const count = Math.floor((log.length - HEADER) / FRAME);
  const left: Uint8Array[] = [];
  for (let frame = 0; frame < count; frame++) {
    // Its last byte: with a bit of the others it is beyond any database here.
    for (let bit = 0; bit < 8; bit++) {
      const harmed = flippedBit(log, HEADER + frame * FRAME + 3, bit);
      const mended = repairLog(harmed, PAGE);
      const what = `frame ${frame}, bit ${bit}`;
      assert.equal(mended?.bytes.length, whole.bytes.length, what);
      if (/left as it was found/.test(mended?.mended[0] ?? "")) left.push(harmed);
      else assert.deepEqual(mended?.bytes, whole.bytes, what);
    }
  }
  // Between the pages before and after it there may be room for the other one.
  assert.ok(left.length < count * 8 / 10, `${left.length} of ${count * 8}`);
  for (const harmed of left) {
    const directory = copyOf(sound);
    Deno.writeFileSync(join(directory, LOG), harmed);
    await nothingLost(directory, 0, COUNT);
    Deno.removeSync(directory, { recursive: true });
  }
  Deno.removeSync(sound, { recursive: true });
});

// Red when a frame with another salt is mended: what an earlier round left behind the end would come back.
Deno.test("R67 a frame of an earlier round is the end of the log, however nearly it fits", async () => {
  const log = await soundLog();
  const sound = repairLog(log, PAGE);
  assert.ok(sound);
  const last = sound.bytes.length - FRAME;
  const old = repairLog(flipped(sound.bytes, last + 8, last + 24 + 1_000), PAGE);
  assert.ok(old);
  assert.ok(old.bytes.length < sound.bytes.length, "it is not in the log");
});

// Red when the damaged log is mended in its place: what mending got wrong could never be looked at.
Deno.test("R67 a damaged log is copied as it was found before it is mended", async () => {
  const sound = await killed(0);
  const directory = copyOf(sound);
  const harmed = flipped(Deno.readFileSync(join(directory, LOG)), HEADER + 4 * FRAME + 24 + 1_000);
  Deno.writeFileSync(join(directory, LOG), harmed);
  const queue = new Queue(queueOptions(directory, { timers: false }));
  try {
    queue.start();
    const copies = [...Deno.readDirSync(directory)].filter(({ name }) => /damaged/.test(name));
    assert.equal(copies.length, 1);
    assert.deepEqual(Deno.readFileSync(join(directory, copies[0]?.name ?? "")), harmed);
    assert.match(queue.stats().damaged[0]?.detail ?? "", /mended: .*bit 0 of byte 1008/);
  } finally {
    await queue.stop();
    for (const path of [directory, sound]) Deno.removeSync(path, { recursive: true });
  }
});

/** Of a page of an index: inner and leaf. */
const INDEX_PAGES = [0x02, 0x0a];

/** Sets a row's state past the index of what waits, as a flipped bit does. */
function harmState(path: string, id: number, state: number): void {
  const sound = Deno.readFileSync(path);
  const db = new DatabaseSync(path);
  db.prepare("UPDATE sighting SET state = ? WHERE id = ?").run(state, id);
  db.close();
  const harmed = Deno.readFileSync(path);
  for (let at = 0; at < sound.length; at += PAGE) {
    if (INDEX_PAGES.includes(sound[at] ?? 0)) harmed.set(sound.subarray(at, at + PAGE), at);
  }
  Deno.writeFileSync(path, harmed);
}

function deliverAll(queue: Queue, limit = 1_000): number[] {
  const batch = queue.take(limit);
  const last = batch?.sightings.at(-1);
  assert.ok(batch && last);
  const seqs = batch.sightings.map(({ seq }) => seq);
  const verdicts = seqs.map((seq) => ({ seq, verdict: "stored" as const }));
  queue.settle({ lane: batch.lane, head: { seq: last.seq, hash: last.hash }, verdicts });
  return seqs;
}

// Red when the state of a row, which is in no hash, is believed: a punch would be sent again and again and no
// answer end it, be counted as waiting and never be sent, or reach Odoo without what it says.
Deno.test("R67 a punch of which the state was hit is sent, once more if need be, and then no more", async () => {
  const upTo = (to: number) => Array.from({ length: to }, (_, n) => n + 1);
  // As it was, and as a bit of it makes it: waiting, parked, stored, duplicate.
  const cases = [
    { count: 50, delivered: false, state: 6, sent: upTo(50), says: /^whether 1 sightings wait/ },
    { count: 50, delivered: false, state: 3, sent: upTo(50), says: /parked and nothing says why$/ },
    { count: 50, delivered: true, state: 2, sent: [20], says: /^whether 1 sightings wait/ },
    // Beyond what is looked at when the queue starts.
    { count: 3_000, delivered: false, state: 6, sent: upTo(3_000), says: /^whether 1 sight/ },
  ];
  for (const { count, delivered, state, sent, says } of cases) {
    const directory = tempDirectory();
    const what = `${count} punches, state ${state}`;
    const queue = new Queue(queueOptions(directory, { timers: false }));
    queue.start();
    for (let from = 0; from < count; from += 500) {
      await queue.add(upload(punchesOf(from, Math.min(500, count - from))));
    }
    if (delivered) deliverAll(queue);
    await queue.stop();
    harmState(join(directory, "queue.sqlite"), 20, state);
    const again = new Queue(queueOptions(directory, { timers: false }));
    try {
      again.start();
      if (state === 3) assert.throws(() => again.take(count), /nothing says why/);
      for (let n = 0; n < 4; n++) again.tend();
      assert.match(again.stats().damaged[0]?.detail ?? "", says, what);
      assert.equal(again.stats().pending, sent.length, what);
      assert.deepEqual(deliverAll(again, count), sent, what);
      assert.equal(again.take(100), null, what);
      assert.equal(again.stats().pending, 0, what);
    } finally {
      await again.stop();
      Deno.removeSync(directory, { recursive: true });
    }
  }
});

/** Writes zeros over the first page of an index: no row is touched, and the file is no longer sound. */
function harmIndex(path: string): void {
  const db = new DatabaseSync(path);
  const index = "SELECT rootpage FROM sqlite_master WHERE name = 'sighting_waiting'";
  const page = Number(db.prepare(index).get()?.["rootpage"]);
  db.close();
  const file = Deno.openSync(path, { write: true });
  file.seekSync((page - 1) * PAGE, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(PAGE));
  file.close();
}

// Red when a row that does not give its hash is taken for rescued: nobody is told which number is gone.
Deno.test("R65 what does not prove itself is named as lost, by its number, and never sent", async () => {
  const directory = tempDirectory();
  const first = new Queue(queueOptions(directory));
  first.start();
  await first.add(upload(punchesOf(0, 50)));
  const lane = first.take(1)?.lane;
  await first.stop();
  const path = join(directory, "queue.sqlite");
  const db = new DatabaseSync(path);
  db.exec("UPDATE sighting SET pin = '4711' WHERE id = 20");
  db.close();
  harmIndex(path);
  const queue = new Queue(queueOptions(directory));
  try {
    queue.start();
    const [loss] = queue.losses();
    assert.deepEqual(
      [loss?.cause, loss?.lane, loss?.firstSeq, loss?.lastSeq, loss?.lost],
      ["damaged_file", lane, 20, 20, 1],
    );
    const sent = queue.take(100)?.sightings ?? [];
    assert.equal(sent.length, 49);
    assert.ok(sent.every((sighting) => sighting.kind === "punch" && sighting.pin !== "4711"));
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

/** Makes the number of a row a far higher one, as the highest bit of its byte does. */
function harmNumber(path: string, id: number): void {
  const db = new DatabaseSync(path);
  const table = "SELECT rootpage FROM sqlite_master WHERE name = 'sighting'";
  const root = Number(db.prepare(table).get()?.["rootpage"]);
  db.close();
  const file = Deno.readFileSync(path);
  const view = new DataView(file.buffer);
  const inner = (root - 1) * PAGE;
  assert.equal(file[inner], 0x05, "the rows lie on several pages");
  // Its first child holds the lowest numbers; a cell begins with its length, here of one byte.
  const leaf = (view.getUint32(inner + view.getUint16(inner + 12)) - 1) * PAGE;
  const cell = leaf + view.getUint16(leaf + 8 + 2 * (id - 1));
  assert.deepEqual([file[leaf], file[cell + 1]], [0x0d, id]);
  file[cell + 1] = id | 0x80;
  Deno.writeFileSync(path, file);
}

// Red when a walk over the rows is believed to have come to their end where a number is out of order: a hundred of
// its neighbours would be lost with it.
Deno.test("R65 a number out of order in a damaged page hides none of its neighbours", async () => {
  const directory = tempDirectory();
  const first = new Queue(queueOptions(directory));
  first.start();
  await first.add(upload(punchesOf(0, 300)));
  await first.stop();
  harmNumber(join(directory, "queue.sqlite"), 7);
  const queue = new Queue(queueOptions(directory));
  try {
    queue.start();
    assert.match(queue.stats().damaged[0]?.detail ?? "", /out of order/);
    const sent = new Set(
      queue.take(1_000)?.sightings.map((one) => one.kind === "punch" ? one.pin + one.wallTime : ""),
    );
    const lost = punchesOf(0, 300).filter(({ pin, wallTime }) => !sent.has(pin + wallTime));
    // The row, and the next one, which proves itself by its hash.
    assert.deepEqual(lost, punchesOf(6, 2));
    assert.deepEqual(queue.losses().map(({ lost }) => lost), [2]);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

// Red when a state that is none counts as answered, or as one that cannot be read: the row is never sent, or
// nobody can list what waits.
Deno.test("R65 a row whose state is none is sent again", async () => {
  for (const state of [-126, 0, 10, 130]) {
    const directory = tempDirectory();
    const first = new Queue(queueOptions(directory));
    first.start();
    await first.add(upload(punchesOf(0, 50)));
    await first.stop();
    const db = new DatabaseSync(join(directory, "queue.sqlite"));
    db.exec(`UPDATE sighting SET state = ${state} WHERE id = 20`);
    db.close();
    const queue = new Queue(queueOptions(directory));
    try {
      queue.start();
      assert.match(queue.stats().damaged[0]?.detail ?? "", /^no state has the number/);
      assert.equal(queue.punches({ limit: 100 }).length, 50, `${state}`);
      assert.equal(queue.take(100)?.sightings.length, 50, `${state}`);
      assert.deepEqual(queue.losses().map(({ lost }) => lost), [0], `${state}`);
    } finally {
      await queue.stop();
      Deno.removeSync(directory, { recursive: true });
    }
  }
});

// Red when only the length is compared with the witness: a copy that went on elsewhere is the longer one.
Deno.test("R16 a copy that went on by itself has another history: new lane, terminals are read again", async () => {
  await withQueue(async (queue, directory, clock) => {
    const file = join(directory, "queue.sqlite");
    const witness = join(directory, "queue.witness");
    const alone = async (from: number, count: number) => {
      queue.start();
      await queue.add(upload(punchesOf(from, count)));
      const { lane } = queue.laneHead();
      await queue.stop();
      return lane;
    };
    await queue.stop();
    const lane = await alone(0, 30);
    const copy = Deno.readFileSync(file);
    await alone(30, 10);
    const witnessed = Deno.readFileSync(witness);
    Deno.writeFileSync(file, copy);
    Deno.removeSync(witness);
    assert.equal(await alone(40, 20), lane, "without a witness nothing speaks against the copy");
    Deno.writeFileSync(witness, witnessed);
    const again = new Queue(queueOptions(directory, { clock, timers: false }));
    again.start();
    try {
      const [note] = again.stats().damaged;
      assert.equal(note?.kind, "older_copy");
      assert.match(note?.detail ?? "", /number 40 of lane .*the file has it with another hash/);
      assert.notEqual(again.laneHead().lane, lane);
      assert.equal(again.needsReread(SERIAL), true);
      assert.equal(again.losses()[0]?.lastSeq, 40);
    } finally {
      await again.stop();
    }
  });
});

// Red when a witness is believed without its check: half a write of it would be a loss that never was.
Deno.test("a witness that was torn in writing says nothing", async () => {
  await withQueue(async (queue, directory, clock) => {
    await queue.add(upload(punchesOf(0, 30)));
    const { lane } = queue.laneHead();
    await queue.stop();
    const witness = join(directory, "queue.witness");
    const torn = Deno.readTextFileSync(witness).replace(" 0000000000000030 ", " 0000000000000039 ");
    assert.match(torn, /0039/);
    Deno.writeTextFileSync(witness, torn);
    const again = new Queue(queueOptions(directory, { clock, timers: false }));
    again.start();
    try {
      assert.deepEqual(again.stats().damaged, []);
      assert.equal(again.laneHead().lane, lane);
    } finally {
      await again.stop();
    }
  });
});

// Red when a rewind leaves the mark of what was answered long ago: sent again today, gone tomorrow, and a
// second backup of Odoo would find nothing to send.
Deno.test("R35 what was sent again is kept from then on as long as anything else", async () => {
  const clock = new ManualClock();
  const kit = new LaneKit(clock);
  const { queue } = kit;
  const deliver = () => {
    const batch = queue.take(100);
    const last = batch?.sightings.at(-1);
    assert.ok(batch && last);
    queue.settle({
      lane: batch.lane,
      head: { seq: last.seq, hash: last.hash },
      verdicts: batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const })),
    });
  };
  try {
    await kit.add(0, 10);
    deliver();
    queue.purge();
    clock.advance(40 * DAY_MS);
    queue.purge();
    assert.equal(queue.rewind({ seq: 0, hash: "" }), 10);
    deliver();
    for (const _day of [1, 2, 3, 4, 5, 6, 7, 8]) {
      clock.advance(DAY_MS);
      queue.purge();
    }
    assert.equal(queue.stats().delivered, 10, "eight days after they were sent again");
    for (let day = 0; day < 60; day++) {
      clock.advance(DAY_MS);
      queue.purge();
    }
    assert.equal(queue.stats().delivered, 1, "the newest stays as the end of the chain");
  } finally {
    await kit.stop();
  }
});
