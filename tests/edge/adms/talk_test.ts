/** Handshake, a terminal's own tables, the access dialect: what is said besides ATTLOG lines. */
import assert from "node:assert/strict";
import { dataAnswer, parseAccessEvents, parseDataRows } from "../../../edge_agent/adms/access.ts";
import {
  dialectOf,
  handshakeText,
  keepableStamp,
  signedHours,
  timeZoneValue,
} from "../../../edge_agent/adms/handshake.ts";
import { parseInfo, parseOperlog, parseOptions } from "../../../edge_agent/adms/oplog.ts";
import { decodeLines, encodeVendorTime, Query } from "../../../edge_agent/adms/text.ts";
import { DIALECTS } from "../../../edge_agent/base/terminal.ts";

const lines = (text: string) => decodeLines(new TextEncoder().encode(text));

function hello(path: string, query: string, version: "1.0" | "1.1" = "1.1", isHandshake = true) {
  return dialectOf({ path, query: new Query(query), version, isHandshake });
}

Deno.test("handshake: the dialect by its tell-tales, not by the version alone", () => {
  assert.equal(hello("cdata", "options=all&pushver=2.4.1"), "attendance");
  assert.equal(hello("cdata", "options=all&pushver=2.2.14&DeviceType=middle%20east"), "attendance");
  assert.equal(hello("cdata", "options=all&pushver=3.1.2&DeviceType=att"), "attendance");
  assert.equal(hello("cdata", "options=all", "1.0"), "ancient");
  assert.equal(hello("cdata", "options=all", "1.1"), "attendance");
  assert.equal(hello("cdata", "options=all&pushver=3.0.1&DeviceType=acc"), "access");
  assert.equal(hello("registry", "", "1.1", false), "access");
  assert.equal(hello("cdata", "table=rtlog", "1.1", false), "access");
  assert.equal(hello("cdata", "type=time", "1.1", false), "us");
  assert.equal(hello("cdata", "options=all&Comkey=88888888"), "us");
  assert.equal(hello("cdata", "table=ATTLOG&Stamp=2011-03-01T08:00:00", "1.1", false), "us");
  assert.equal(hello("cdata", "table=ATTLOG&Stamp=9999", "1.1", false), null);
});

const values = {
  serial: "A1",
  dialect: "attendance" as const,
  utcOffsetMinutes: 330,
  stamps: new Map([["ATTLOG", "82983982"], ["OPERLOG", "9999"]]),
  pollSeconds: 10,
  errorSeconds: 30,
  clockTrusted: true,
};

Deno.test("handshake: first line, every line terminated, stamps echoed, nothing that destroys", () => {
  for (const dialect of DIALECTS) {
    const access = { registryCode: "c0de", sessionId: "5e55" };
    const text = handshakeText({ ...values, dialect, ...(dialect === "access" ? { access } : {}) });
    assert.match(text, /^GET OPTION FROM: A1\n/);
    assert.ok(text.endsWith("\n"));
    assert.match(text, /\nATTLOGStamp=82983982\n/);
    assert.match(text, /\nOPERLOGStamp=9999\n/);
    assert.match(text, /\nATTPHOTOStamp=(9999|2000-01-01T00:00:00)\n/);
    assert.match(text, /\nRealtime=1\n/);
    assert.match(text, /\nEncrypt=0\n/);
    assert.doesNotMatch(text, /ResLog|ICLOCKSVRURL|Encrypt=1|=0\nATTLOG/i);
    for (const line of text.split("\n")) assert.ok(line.length < 2000);
  }
});

Deno.test("handshake: transfer flags: words for attendance, digits for access, no templates asked for", () => {
  const classic = handshakeText(values);
  assert.match(classic, /\nTransFlag=TransData AttLog\tOpLog\tEnrollUser\tChgUser\n/);
  assert.doesNotMatch(classic, /EnrollFP|FACE|UserPic|AttPhoto\b|BioPhoto/);
  const access = handshakeText({
    ...values,
    dialect: "access",
    access: { registryCode: "c", sessionId: "s" },
  });
  assert.match(access, /\nTransFlag=1100000000\n/);
  assert.match(access, /\nregistry=ok\nRegistryCode=c\nServerVersion=/);
});

// Red when hours are sent for a half-hour zone: firmware would cut 5.5 to 5.
Deno.test("handshake: TimeZone in hours or minutes by zone, signed in the US dialect", () => {
  const cases: [number, string, string][] = [
    [480, "8", "+08:00"],
    [330, "330", "+05:30"],
    [345, "345", "+05:45"],
    [60, "1", "+01:00"],
    [-60, "-1", "-01:00"],
    [-210, "-210", "-03:30"],
    [-300, "-5", "-05:00"],
    [720, "720", "+12:00"],
    [780, "780", "+13:00"],
    [840, "840", "+14:00"],
    [-720, "-720", "-12:00"],
    [0, "0", "+00:00"],
  ];
  for (const [minutes, plain, us] of cases) {
    for (const dialect of ["attendance", "ancient", "access"] as const) {
      assert.equal(timeZoneValue(dialect, minutes), plain);
    }
    assert.equal(timeZoneValue("us", minutes), us);
  }
  assert.equal(signedHours(-210), "-0330");
});

Deno.test("handshake: SyncTime only in the US dialect, and only when our clock is trusted", () => {
  assert.match(handshakeText({ ...values, dialect: "us" }), /\nSyncTime=3600\n/);
  assert.match(handshakeText({ ...values, dialect: "us", clockTrusted: false }), /\nSyncTime=0\n/);
  assert.doesNotMatch(handshakeText(values), /SyncTime/);
});

Deno.test("handshake: stamps are opaque, but none that asks for everything is kept", () => {
  for (const stamp of ["9999", "82983982", "2011-03-01T08:00:00"]) {
    assert.equal(keepableStamp(stamp), stamp);
  }
  for (const stamp of ["", "0", "00", "None", "a\nb", "x".repeat(50), undefined]) {
    assert.equal(keepableStamp(stamp), null);
  }
});

// Red when a password is carried on, or a FP row is not recognised.
Deno.test("operlog: users without passwords, clock events, templates only counted", () => {
  const rows = parseOperlog(lines(
    "OPLOG 4\t0\t2020-06-23 13:20:44\t0\t0\t0\t0\n" +
      "OPLOG 21\t1\t2020-06-23 13:20:50\tDHCP\t0\t0\t0\n" +
      "USER PIN=5\tName=yyyy\tPri=14\tPasswd=123\tCard=[aabbccdd00]\tGrp=1\tTZ=0000000100000000\tVerify=-1\n" +
      "USER PIN=6\tName=\tPri=0\tPasswd=\tCard=\tGrp=1\n" +
      "FP PIN=5\tFID=0\tSize=400\tValid=1\tTMP=AAAA\n" +
      "FACE PIN=5\tFID=0\tSIZE=400\tVALID=1\tTMP=AAAA\n" +
      "BIODATA Pin=6\tNo=0\tIndex=0\tType=8\tTmp=AAAA\n" +
      "BIOPHOTO PIN=6\tFileName=6.jpg\tType=9\tSize=4\tContent=AAAA\n" +
      "SOMETHING else\n",
  ));
  assert.deepEqual(rows.operations, [
    { code: 4, wallTime: "2020-06-23 13:20:44" },
    { code: 21, wallTime: "2020-06-23 13:20:50" },
  ]);
  assert.deepEqual(rows.users, [
    {
      pin: "5",
      name: "yyyy",
      privilege: 14,
      card: "[aabbccdd00]",
      group: "1",
      has_password: true,
      credentials: { finger: 1, face: 1, palm: 0 },
    },
    {
      pin: "6",
      name: "",
      privilege: 0,
      card: "",
      group: "1",
      has_password: false,
      credentials: { finger: 0, face: 0, palm: 1 },
    },
  ]);
  assert.equal(rows.biometrics, 4);
  assert.equal(rows.unknown, 1);
  assert.doesNotMatch(JSON.stringify(rows), /123|AAAA/);
});

Deno.test("operlog: a user row by either of its names, with blanks before it", () => {
  const { users, unknown } = parseOperlog(lines(
    "USERINFO PIN=1\tName=A\tPri=14\n  USER PIN=2\tName=B\nPIN=3\tName=C\n pin=4\tName=D\n",
  ));
  assert.deepEqual(users.map(({ pin, name }) => pin + name), ["1A", "2B", "3C", "4D"]);
  assert.equal(unknown, 0);
});

Deno.test("operlog: a name in GB18030 is read, a PIN in it is not trusted", () => {
  const name = Uint8Array.from([...new TextEncoder().encode("USER PIN=5\tName="), 0xd5, 0xc5, 10]);
  assert.equal(parseOperlog(decodeLines(name)).users[0]?.name, "张");
  const pin = Uint8Array.from([...new TextEncoder().encode("USER PIN="), 0xd5, 0xc5, 9, 65, 10]);
  assert.deepEqual(parseOperlog(decodeLines(pin)).users, []);
});

Deno.test("options: commas inside values, tilde names, counts in their units", () => {
  const facts = parseOptions(
    "~DeviceName=SpeedFace-V5L[TD],MAC=00:17:61:12:e5:41,TransactionCount=0,~MaxAttLogCount=20," +
      "UserCount=1,~MaxUserCount=100,~OEMVendor=ZKTeco Co., Ltd.,FWVersion=ZAM170-NF-Ver1.1.27," +
      "PushVersion=Ver 2.0.32S-20200506,RegDeviceType=,MultiBioDataSupport=0:1:0,VideoTID=",
  );
  assert.deepEqual(facts, {
    name: "SpeedFace-V5L[TD]",
    mac: "00:17:61:12:e5:41",
    punches: 0,
    capacity: 200_000,
    users: 1,
    user_capacity: 10_000,
    vendor: "ZKTeco Co., Ltd.",
    firmware: "ZAM170-NF-Ver1.1.27",
    push_version: "Ver 2.0.32S-20200506",
  });
});

Deno.test("info: counts of the poll, raw spaces, what is no count is left out", () => {
  assert.deepEqual(parseInfo("ZAM170-NF-Ver1.1.27,1,2,30,192.168.54.216,10,58,12,4,11110"), {
    firmware: "ZAM170-NF-Ver1.1.27",
    ip: "192.168.54.216",
    finger_version: "10",
    face_version: "58",
    users: 1,
    fingers: 2,
    punches: 30,
    faces: 4,
  });
  assert.deepEqual(parseInfo("Ver 8.0.4.6-20211110,-1,x"), { firmware: "Ver 8.0.4.6-20211110" });
});

Deno.test("access: persons who passed are punches, doors are not, the undocumented is kept", () => {
  const event = (pin: string, code: number, more = "") =>
    `time=2026-09-15 15:32:41\tpin=${pin}\tcardno=0\teventaddr=1\tevent=${code}\tinoutstatus=1\tverifytype=15\tindex=114${more}`;
  const body = [
    event("2", 3, "\tattstate=255\ttemperature=36.6"),
    event("2", 0),
    event("0", 200),
    event("", 8),
    event("7", 27),
    event("7", 101),
    event("7", 9),
    event("7", 77),
    event("7", 0).replace("09-15", "09-31"),
    "nothing=here",
    event("7", 0, "\0"),
    event("7", 0).replace("inoutstatus=1", "inoutstatus=1\x01"),
  ].join("\r\n");
  const { punches, rejects, others } = parseAccessEvents("A1", lines(body), "5a17");
  assert.equal(punches.length, 2);
  assert.deepEqual(punches[0], {
    serial: "A1",
    pin: "2",
    wallTime: "2026-09-15 15:32:41",
    status: "1",
    verify: "15",
    workCode: "",
    extra: "event=3\tindex=114\teventaddr=1\tattstate=255\ttemperature=36.6",
  });
  assert.equal(others, 4);
  assert.deepEqual(rejects.map((reject) => reject.reason), [
    "unknown_event",
    "unknown_event",
    "bad_time",
    "too_few_columns",
    "unreadable",
    "unreadable",
  ]);
  assert.equal(parseAccessEvents("A1", lines(event("7", 77)), "5a17", [77]).punches.length, 1);
});

// Red when the two spellings give two keys: a re-read would double every pass.
Deno.test("access: the same pass by rtlog and by the transaction table is one punch", () => {
  const wall = "2026-09-15 15:32:41";
  const live = parseAccessEvents(
    "A1",
    lines(`time=${wall}\tpin=2\tevent=3\tinoutstatus=0\tverifytype=1\tindex=1`),
    "5a17",
  ).punches[0];
  const read = parseAccessEvents(
    "A1",
    lines(
      `transaction cardno=0\tpin=2\tverified=1\tdoorid=1\teventtype=3\tinoutstate=0\ttime_second=${
        encodeVendorTime(wall)
      }\tindex=1`,
    ),
    "5a17",
  ).punches[0];
  assert.ok(live !== undefined && read !== undefined);
  for (const field of ["serial", "pin", "wallTime", "status", "verify"] as const) {
    assert.equal(live[field], read[field]);
  }
});

Deno.test("access: user rows without passwords, templates counted, answers of both kinds", () => {
  const { users } = parseDataRows(
    "user",
    lines("user uid=1\tcardno=99\tpin=5\tpassword=777\tgroup=1\tname=Ann\tprivilege=14"),
  );
  assert.equal(users[0]?.name, "Ann");
  assert.equal(users[0]?.card, "99");
  assert.equal(users[0]?.privilege, 14);
  assert.equal(users[0]?.has_password, true);
  assert.doesNotMatch(JSON.stringify(users), /777/);
  const templates = parseDataRows("templatev10", lines("templatev10 pin=5\ttemplate=AAAA"));
  assert.deepEqual(templates, { users: [], biometrics: 1 });
  assert.equal(dataAnswer("user", 2, false), "user=2");
  assert.equal(dataAnswer("user", 2, true), "OK: 2");
  assert.equal(dataAnswer("a\r\nb", 1, false), "ab=1");
});
