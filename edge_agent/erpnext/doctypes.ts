/**
 * The DocTypes that a site gets: fields, names, who may do what. Pure data; doctype.ts has what they are made
 * of.
 */
import { type DocTypeSpec, field, LOOK, looks, rule } from "./doctype.ts";
import {
  AGENT,
  APPROVALS,
  COMMAND_STATES,
  DECISIONS,
  DEVICE,
  DEVICE_SHIFT,
  DEVICE_USER,
  DIRECTIONS,
  EMPLOYEE,
  GAP,
  PUNCH,
  ROLE,
  RUN,
  SHIFT_TYPE,
  SITE_COMMAND,
  SITE_COMMANDS,
  STATES,
  UNREAD,
} from "./names.ts";

const HR = "HR Manager";
const CLERK = "HR User";
const MANAGER = "System Manager";

/** As the terminal said it, for ever. */
const ONCE = { set_only_once: 1 };
const LISTED = { in_list_view: 1 };
const FILTERED = { in_standard_filter: 1 };
/** Written by the agent alone. */
const AGENTS = { permlevel: 1, read_only: 1 };

const lines = (values: readonly string[]) => values.join("\n");

const punch: DocTypeSpec = {
  name: PUNCH,
  autoname: "field:key",
  titleField: "title",
  description: "One event at one terminal, exactly as the terminal stated it.",
  fields: [
    field("title", "Data", "Title", AGENTS),
    field("state", "Select", "State", {
      ...AGENTS,
      ...LISTED,
      ...FILTERED,
      options: lines(STATES),
    }),
    field("reason", "Data", "Reason", { ...AGENTS, ...LISTED }),
    field("employee", "Link", "Employee", { ...AGENTS, ...FILTERED, options: EMPLOYEE }),
    field("decision", "Select", "Decision", { permlevel: 2, options: lines(DECISIONS) }),
    field("decision_reason", "Small Text", "Why", { permlevel: 2 }),
    field("raw_section", "Section Break", "As the terminal stated it"),
    field("serial", "Data", "Terminal", { ...ONCE, ...FILTERED, search_index: 1, reqd: 1 }),
    field("pin", "Data", "PIN", { ...ONCE, ...LISTED, reqd: 1 }),
    field("wall_time", "Data", "Time at the terminal", { ...ONCE, ...LISTED, reqd: 1 }),
    field("wall_date", "Date", "Day at the terminal", { ...ONCE, ...FILTERED, search_index: 1 }),
    field("status", "Data", "Status", ONCE),
    field("verify", "Data", "Verify mode", ONCE),
    field("work_code", "Data", "Work code", ONCE),
    field("proof_section", "Section Break", "Proof"),
    field("key", "Data", "Event fingerprint", { ...ONCE, unique: 1, reqd: 1 }),
    field("channel", "Data", "Channel", ONCE),
    field("lane", "Data", "Lane", ONCE),
    field("seq", "Int", "Number in the lane", ONCE),
    field("received_at", "Data", "Received (UTC)", ONCE),
    field("agent_clock", "Data", "Clock of the agent", ONCE),
  ],
  rules: [
    rule(ROLE, ["read", "write", "create"]),
    rule(ROLE, ["read", "write"], 1),
    rule(ROLE, ["read"], 2),
    rule(HR, [...LOOK, "write"]),
    rule(HR, ["read"], 1),
    rule(HR, ["read", "write"], 2),
    ...looks(CLERK, MANAGER),
    rule(CLERK, ["read"], 1),
    rule(CLERK, ["read"], 2),
    rule(MANAGER, ["read"], 1),
    rule(MANAGER, ["read"], 2),
  ],
};

const unread: DocTypeSpec = {
  name: UNREAD,
  autoname: "field:digest",
  titleField: "title",
  description: "A line of a terminal that could not be read; it holds up clearing until decided.",
  fields: [
    field("title", "Data", "Title", ONCE),
    field("decision", "Select", "Decision", { ...LISTED, permlevel: 2, options: lines(DECISIONS) }),
    field("decision_reason", "Small Text", "Why", { permlevel: 2 }),
    field("serial", "Data", "Terminal", { ...ONCE, ...LISTED, ...FILTERED, search_index: 1 }),
    field("reason", "Data", "Reason", { ...ONCE, ...LISTED }),
    field("raw", "Small Text", "Line", ONCE),
    field("channel", "Data", "Channel", ONCE),
    field("received_at", "Data", "Received (UTC)", ONCE),
    field("lane", "Data", "Lane", ONCE),
    field("seq", "Int", "Number in the lane", ONCE),
    field("digest", "Data", "Digest", { ...ONCE, unique: 1, reqd: 1 }),
  ],
  rules: [
    rule(ROLE, ["read", "create"]),
    rule(ROLE, ["read"], 2),
    rule(HR, [...LOOK, "write"]),
    rule(HR, ["read", "write"], 2),
    ...looks(CLERK, MANAGER),
    rule(CLERK, ["read"], 2),
  ],
};

const deviceShift: DocTypeSpec = {
  name: DEVICE_SHIFT,
  autoname: "hash",
  isTable: true,
  description: "A shift type that a terminal feeds.",
  fields: [
    field("shift_type", "Link", "Shift Type", { ...LISTED, options: SHIFT_TYPE, reqd: 1 }),
  ],
  rules: [],
};

const device: DocTypeSpec = {
  name: DEVICE,
  autoname: "field:serial",
  titleField: "title",
  description:
    "A terminal: whether its punches count, where it hangs, how far it is proven complete.",
  fields: [
    field("serial", "Data", "Serial number", { ...ONCE, unique: 1, reqd: 1 }),
    field("title", "Data", "Name", LISTED),
    field("approval", "Select", "Approval", {
      permlevel: 2,
      ...LISTED,
      ...FILTERED,
      options: lines(APPROVALS),
      default: "Waiting",
    }),
    field("agent", "Link", "Agent", { options: AGENT, ...FILTERED }),
    field("time_zone", "Data", "Time zone", {
      description: "Such as Asia/Manila; empty: the zone of this site",
    }),
    field("direction", "Select", "Log type", {
      options: lines(DIRECTIONS),
      description: "Empty: none is set. BY STATUS: as the person chose at the terminal",
    }),
    field("latitude", "Float", "Latitude"),
    field("longitude", "Float", "Longitude"),
    field("shift_types", "Table MultiSelect", "Feeds shift types", { options: DEVICE_SHIFT }),
    field("clear_section", "Section Break", "Clearing"),
    field("clear_when", "Select", "Clear", { options: "never\nabove\nevery", default: "never" }),
    field("clear_percent", "Int", "Above (% full)", { default: "80" }),
    field("clear_days", "Int", "Every (days)", { default: "30" }),
    field("clear_hours", "Data", "Only in these hours", { description: "Such as 01:00-04:00" }),
    field("seen_section", "Section Break", "As the agent sees it"),
    field("condition", "Data", "Condition", { ...AGENTS, ...LISTED }),
    field("last_seen", "Datetime", "Last heard", AGENTS),
    field("complete_until", "Datetime", "Complete until", { ...AGENTS, ...LISTED }),
    field("on_device", "Int", "Records in the terminal", AGENTS),
    field("pending", "Int", "Waiting in the agent", AGENTS),
    field("late", "Int", "After Attendance (7 days)", {
      ...AGENTS,
      description:
        "Cancel that Attendance, untick Skip Auto Attendance of the check-in, process again",
    }),
    field("clock_offset", "Int", "Clock ahead (s)", AGENTS),
  ],
  rules: [
    rule(ROLE, ["read", "write", "create"]),
    rule(ROLE, ["read", "write"], 1),
    rule(ROLE, ["read"], 2),
    rule(HR, [...LOOK, "write", "create"]),
    rule(HR, ["read"], 1),
    rule(HR, ["read", "write"], 2),
    ...looks(CLERK),
    rule(CLERK, ["read"], 1),
    rule(CLERK, ["read"], 2),
    rule(MANAGER, [...LOOK, "write", "create"]),
    rule(MANAGER, ["read"], 1),
    rule(MANAGER, ["read", "write"], 2),
  ],
};

const deviceUser: DocTypeSpec = {
  name: DEVICE_USER,
  autoname: "hash",
  titleField: "title",
  description: "A PIN of one terminal (or of all), and whose it is for how long.",
  fields: [
    field("title", "Data", "Name at the terminal", LISTED),
    field("serial", "Data", "Terminal", {
      ...LISTED,
      ...FILTERED,
      search_index: 1,
      description: "Empty: every terminal",
    }),
    field("pin", "Data", "PIN", { ...LISTED, ...FILTERED, search_index: 1, reqd: 1 }),
    field("employee", "Link", "Employee", { ...LISTED, ...FILTERED, options: EMPLOYEE }),
    field("valid_from", "Date", "From"),
    field("valid_until", "Date", "Until"),
  ],
  rules: [
    rule(ROLE, ["read", "create"]),
    rule(HR, [...LOOK, "write", "create"]),
    ...looks(CLERK, MANAGER),
  ],
};

const run: DocTypeSpec = {
  name: RUN,
  autoname: "field:run",
  titleField: "title",
  description: "The evidence of one synchronisation: what window, how many, what came of it.",
  fields: [
    field("title", "Data", "Title", ONCE),
    field("run", "Data", "Run", { ...ONCE, unique: 1, reqd: 1 }),
    field("device", "Data", "Terminal", { ...ONCE, ...LISTED, ...FILTERED, search_index: 1 }),
    field("kind", "Data", "Channel", { ...ONCE, ...LISTED }),
    field("asked_by", "Data", "Asked by", ONCE),
    field("window_from", "Data", "From (time at the terminal)", ONCE),
    field("window_to", "Data", "To (time at the terminal)", ONCE),
    field("read", "Int", "Read", { ...ONCE, ...LISTED }),
    field("new", "Int", "New", { ...ONCE, ...LISTED }),
    field("duplicate", "Int", "Known", ONCE),
    field("unreadable", "Int", "Unreadable", ONCE),
    field("on_device", "Int", "Counted by the terminal", ONCE),
    field("started", "Datetime", "Started", ONCE),
    field("ended", "Datetime", "Ended", ONCE),
    field("outcome", "Data", "Outcome", { ...ONCE, ...LISTED, ...FILTERED }),
    field("message", "Small Text", "What came of it", ONCE),
  ],
  rules: [rule(ROLE, ["read", "create"]), ...looks(HR, CLERK, MANAGER)],
};

const gap: DocTypeSpec = {
  name: GAP,
  autoname: "field:code",
  titleField: "title",
  description: "A window of a terminal that is not proven complete.",
  fields: [
    field("code", "Data", "Code", { ...ONCE, unique: 1, reqd: 1 }),
    field("title", "Data", "Title", ONCE),
    field("device", "Data", "Terminal", { ...ONCE, ...LISTED, ...FILTERED, search_index: 1 }),
    field("from_time", "Datetime", "From", { ...ONCE, ...LISTED }),
    field("to_time", "Datetime", "To", { ...AGENTS, ...LISTED }),
    field("reason", "Data", "Reason", { ...ONCE, ...LISTED }),
    field("state", "Select", "State", {
      ...AGENTS,
      ...LISTED,
      ...FILTERED,
      options: "Open\nClosed\nAccepted",
      default: "Open",
    }),
    field("closed_by", "Data", "Closed by", AGENTS),
    field("accepted", "Check", "Accept as it is", { permlevel: 2 }),
    field("accepted_reason", "Small Text", "Why", {
      permlevel: 2,
      mandatory_depends_on: "eval:doc.accepted",
    }),
  ],
  rules: [
    rule(ROLE, ["read", "write", "create"]),
    rule(ROLE, ["read", "write"], 1),
    rule(ROLE, ["read"], 2),
    rule(HR, [...LOOK, "write"]),
    rule(HR, ["read"], 1),
    rule(HR, ["read", "write"], 2),
    ...looks(CLERK, MANAGER),
    rule(CLERK, ["read"], 1),
    rule(CLERK, ["read"], 2),
    rule(MANAGER, ["read"], 1),
    rule(MANAGER, ["read"], 2),
  ],
};

const command: DocTypeSpec = {
  name: SITE_COMMAND,
  autoname: "hash",
  titleField: "title",
  description: "Something asked of a terminal; its agent takes it within a minute.",
  fields: [
    field("title", "Data", "Title", AGENTS),
    field("device", "Link", "Terminal", { ...ONCE, ...LISTED, options: DEVICE, reqd: 1 }),
    field("command", "Select", "Command", {
      ...ONCE,
      ...LISTED,
      options: lines(Object.keys(SITE_COMMANDS)),
      reqd: 1,
    }),
    field("from_time", "Datetime", "From", ONCE),
    field("to_time", "Datetime", "To", ONCE),
    field("state", "Select", "State", {
      ...AGENTS,
      ...LISTED,
      ...FILTERED,
      options: lines(COMMAND_STATES),
      default: "Requested",
      search_index: 1,
    }),
    field("progress", "Data", "Progress", AGENTS),
    field("result", "Small Text", "Result", { ...AGENTS, ...LISTED }),
    field("run", "Link", "Run", { ...AGENTS, options: RUN }),
  ],
  rules: [
    rule(ROLE, ["read", "write"]),
    rule(ROLE, ["read", "write"], 1),
    rule(HR, [...LOOK, "create"]),
    rule(HR, ["read"], 1),
    rule(CLERK, [...LOOK, "create"]),
    rule(CLERK, ["read"], 1),
    ...looks(MANAGER),
    rule(MANAGER, ["read"], 1),
  ],
};

const agent: DocTypeSpec = {
  name: AGENT,
  autoname: "field:agent_name",
  description: "The agent of one branch, as it last reported itself.",
  fields: [
    field("agent_name", "Data", "Agent", { ...ONCE, unique: 1, reqd: 1 }),
    field("condition", "Data", "Condition", { ...AGENTS, ...LISTED }),
    field("last_seen", "Datetime", "Last reported", { ...AGENTS, ...LISTED }),
    field("version", "Data", "Version", { ...AGENTS, ...LISTED }),
    field("pending", "Int", "Waiting", { ...AGENTS, ...LISTED }),
    field("parked", "Int", "Set aside", AGENTS),
    field("alarms", "Small Text", "Alarms", AGENTS),
    field("last_sync", "Small Text", "Proven complete, by shift type", {
      ...AGENTS,
      description: "What Last Sync of Checkin may be set to",
    }),
    field("proof_section", "Section Break", "Proof"),
    field("public_key", "Small Text", "Public key (Ed25519)", AGENTS),
    field("lane", "Data", "Lane", AGENTS),
    field("seq", "Int", "Head", AGENTS),
    field("hash", "Data", "Hash", AGENTS),
    field("settled", "Int", "Settled up to", AGENTS),
    field("signature", "Small Text", "Signature", AGENTS),
    field("mark", "Int", "Mark", AGENTS),
  ],
  rules: [
    rule(ROLE, ["read", "write"]),
    rule(ROLE, ["read", "write"], 1),
    ...looks(HR, CLERK),
    rule(HR, ["read"], 1),
    rule(CLERK, ["read"], 1),
    rule(MANAGER, [...LOOK, "write", "create"]),
    rule(MANAGER, ["read"], 1),
  ],
};

/** In the order in which they refer to each other. */
export const DOCTYPES: readonly DocTypeSpec[] = [
  agent,
  deviceShift,
  device,
  punch,
  unread,
  deviceUser,
  run,
  gap,
  command,
];
