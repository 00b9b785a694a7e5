// Owns: which test plays which sentence of the README's table *What fails*, and what in that test says so. A row is
// held when every clause of what it promises has a player. Must not know how a test is found or read.

export interface Player {
  /** Words of the row that this test plays, as they stand there. */
  readonly words: string;
  /** Name of the test; `…` for what is left out. */
  readonly test: string;
  /** What stands in that test and turns red when the words are no longer true. */
  readonly asserts: string;
}

/** By the first cell of the row. */
export const FAILURES: Readonly<Record<string, readonly Player[]>> = {
  "Internet or Odoo down": [
    {
      words: "the agent keeps capturing and numbering",
      test: "A42 Odoo is away while people punch: nothing is lost, or rewritten unseen",
      asserts: "assert.equal(await stage.odoo.answers(), false)",
    },
    {
      words: "delivers by itself later",
      test: "A42 Odoo is away while people punch: nothing is lost, or rewritten unseen",
      asserts: "assert.deepEqual(compare(play.expected, await scene.allComputed()), [])",
    },
    {
      words: "new punches first",
      test: "live sightings go before the backlog, which still moves",
      asserts: "[1, 2, 3, 4, 5, 51, 52, 53]",
    },
  ],
  "Power cut at the Pi": [
    {
      words: "every punch that was answered OK is on disk",
      test: "R01 R02 no power cut loses an acknowledged punch, while delivery goes on",
      asserts: "assert.deepEqual(result.violations, [])",
    },
    {
      words: "the terminal sends the others again",
      test: "R03 R04 killed at random, frozen or not: nothing acknowledged is lost or doubled",
      asserts: "await killLoop(10, 3)",
    },
  ],
  "Terminal offline": [
    {
      words: "it keeps its own log",
      test: "R21 push dies, poll takes over, push returns: every punch once, channels noted",
      asserts: "every((seen) => seen.length === 2)",
    },
    {
      words: "the board shows *silent*, then *not responding*",
      test: "test_each_state_with_since_and_cause",
      asserts: 'self.assertIn("terminal is not responding", row["cause"])',
    },
    {
      words: "its days stay pending, nobody is absent",
      test: "test_pending_days_are_judged_once_the_devices_are_complete",
      asserts: '{4: "pending", 5: "pending"}',
    },
  ],
  "Terminal's clock reset (year 2000)": [
    {
      words: "the punch is kept as stated and flagged",
      test: "test_impossible_clocks_are_quarantined_and_never_corrected",
      asserts: 'self.assertEqual(verdicts, ["clock", "clock", "stored"])',
    },
    {
      words: "it never pays by itself",
      test: "test_a_year_2000_punch_counts_when_it_was_made",
      asserts: '._usable(self.ana.ids, "2000-01-01", "2000-01-02")',
    },
    {
      words: "decide in Odoo with a reason",
      test: "test_a_year_2000_punch_counts_when_it_was_made",
      asserts: "shown.action_confirm()",
    },
  ],
  "Terminal's clock an hour off": [
    {
      words: "the board says *clock off* and since when",
      test: "test_a_slow_clock_is_seen_and_its_punches_wait",
      asserts: 'self.assertEqual(row["since_at"]',
    },
    {
      words: "its live punches wait with the measured offset",
      test: "test_a_slow_clock_is_seen_and_its_punches_wait",
      asserts: "sorted([offset, offset - 3])",
    },
    {
      words: "*Count as…* once for all of them",
      test: "test_a_slow_clock_is_seen_and_its_punches_wait",
      asserts: "self.decide(action)",
    },
  ],
  "Terminal moves to another place or company": [
    {
      words: "what it still remembers of before waits: *before its service*",
      test: "test_what_it_recorded_before_its_service_waits",
      asserts: '[("before_service", "2026-03-09 08:00:00")]',
    },
    {
      words: "*Moved to another place* on its form",
      test: "test_another_place_of_the_company_has_other_people",
      asserts: 'self.assertEqual(self.waiting(), [("unmapped", "2026-03-10 08:00:00")])',
    },
    {
      words: "*Moved away*",
      test: "test_moved_away_is_a_state_of_the_old_record",
      asserts: 'self.assertIn(("after_service", "2026-03-09 19:00:00"), self.waiting())',
    },
  ],
  "Broken line in an upload": [
    {
      words: "kept with its reason, raw where it can hold nothing personal",
      test: "attlog: C12 S17 S60 nothing like a template, a photo or a password is kept raw",
      asserts: "assert.match(raw, /^withheld: it may hold personal data",
    },
    {
      words: "the rest is stored and acknowledged",
      test: "server: R24 forty-nine good lines and a bad one are acknowledged once, the bad kept",
      asserts: '"OK: 50"',
    },
  ],
  "Unknown terminal on the LAN": [
    {
      words: "never answered OK",
      test: "server: S01 an unknown serial is refused everywhere, listed once, stored nowhere",
      asserts: "assert.doesNotMatch(reply.body, /OK|GET OPTION/)",
    },
    {
      words: "listed once for the administrator",
      test: "server: S01 an unknown serial is refused everywhere, listed once, stored nowhere",
      asserts: "assert.equal(unknown.length, 1)",
    },
  ],
  "Odoo restored from a backup": [
    {
      words: "the agent notices the older head and sends what is missing",
      test:
        "R35 P09 Odoo's database is replaced by an older copy, then the machine of the branch: all comes back",
      asserts: "await snapshotDatabase(older, stage.odoo.db)",
    },
    {
      words: "up to 45 days",
      test:
        "S39 sixty days without Odoo: nothing undelivered is purged, all of it arrives with the same token",
      asserts: 'assert.equal(purged, 500, "the delivered half, after its 45 days")',
    },
  ],
  "Pi dies for good": [
    {
      words: "one mail names branch, cause and whom to call",
      test: "test_one_mail_a_person_in_their_own_words",
      asserts: '"Contact person Ana, 4711"',
    },
    {
      words: "the terminals still hold their log: a new Pi reads those it can read over port 4370",
      test:
        "R35 P09 Odoo's database is replaced by an older copy, then the machine of the branch: all comes back",
      asserts: "await machine.isReplaced()",
    },
    {
      words: "asks the others for what they hold since Odoo was complete",
      test:
        "R66 a queue that begins asks for the past from where Odoo is complete, window by window, once",
      asserts: 'assert.equal(orders.length, 1, "one at a time")',
    },
    {
      words: "one terminal at a time",
      test:
        "R66 one terminal at a time is asked for its whole log, the next when one has sent or does not greet",
      asserts: 'assert.deepEqual([...wanted], ["C3"])',
    },
    {
      words: "the approval asks which terminals it takes over",
      test: "test_an_approval_asks_which_terminals_it_takes_over",
      asserts: '"Select the terminals it takes over"',
    },
    {
      words: "what it reports about them counts at once",
      test: "test_what_it_tells_of_them_counts_at_once_old_punches_included",
      asserts: 'self.assertEqual((self.counted(), self.waiting()), (["07:00:00", "08:00:00"], []))',
    },
  ],
  "Card or queue file damaged, or an older copy put back": [
    {
      words: "what can be read is kept and sent",
      test: "R67 18 kinds of damage around a log with 602 undelivered punches: none is lost",
      asserts: "await nothingLost(directory, before, mostLost(name, directory, sound))",
    },
    {
      words: "a gap of each terminal from the last proven instant, with its cause on the board",
      test: "test_each_loss_opens_a_gap_from_the_last_proven_instant",
      asserts: 'self.assertIn("punches missing by number: 3", row["cause"])',
    },
    {
      words: "terminals are asked for all they hold, one at a time",
      test:
        "R66 one terminal at a time is asked for its whole log, the next when one has sent or does not greet",
      asserts: 'assert.deepEqual([...wanted], ["B2"], "A1 does not greet: asked again later")',
    },
    {
      words: "the gap closes when they have told it",
      test: "test_a_log_that_reaches_over_the_window_proves_it",
      asserts: 'self.assertEqual(self.gaps().state, "proven")',
    },
    {
      words: "what none of them holds is counted and stays open",
      test: "test_what_no_terminal_holds_waits_for_a_named_person",
      asserts: '("open", "unrecoverable")',
    },
    {
      words: "*Accept* what stays, with a reason",
      test: "test_what_no_terminal_holds_waits_for_a_named_person",
      asserts: '"numbers":[2,4]',
    },
  ],
  "Another agent tells a terminal": [
    {
      words: "its punches wait in *Foreign terminals* until somebody answers",
      test: "test_another_agents_word_waits_in_one_list",
      asserts: "self.assertEqual((self.counted(), self.waiting()), ([], [f",
    },
    {
      words: "or its own agent reports them too",
      test: "test_the_right_agent_makes_it_count_whatever_comes_first",
      asserts: 'self.assertEqual((self.counted(), self.waiting()), (["08:00:00"], []))',
    },
    {
      words: "*Moved to this agent*",
      test: "test_it_moved_to_the_other_agent",
      asserts: "self.assertEqual(self.device.agent_id, self.other)",
    },
    {
      words: "*Both agents receive it*",
      test: "test_both_hear_it",
      asserts: 'self.assertEqual(self.counted(), ["08:00:00", "09:00:00"])',
    },
    {
      words: "*Refuse*",
      test: "test_refused",
      asserts: '2, "kept all the same"',
    },
  ],
  "Disk full": [
    {
      words: "no OK without a commit: terminals keep their punches",
      test: "R09 a disk that fills up: no acknowledgement, reads go on, recovers by itself",
      asserts: "assert.equal(queue.stats().pending, acknowledged)",
    },
    {
      words: "reads and health go on",
      test: "R09 a disk that fills up: no acknowledgement, reads go on, recovers by itself",
      asserts: 'assert.equal(queue.stats().state, "full")',
    },
    {
      words: "free space",
      test: "R09 a disk that fills up: no acknowledgement, reads go on, recovers by itself",
      asserts: "assert.equal(added.fresh, 10)",
    },
  ],
  "Token stolen": [
    {
      words: "works on the agent's routes only, cannot read Odoo",
      test: "test_s33_an_agents_token_opens_no_route_of_odoo",
      asserts: "self.assertGreater(len(tried), 100)",
    },
    {
      words: "**Revoke** on the agent's form",
      test: "test_revocation_works_on_the_next_request",
      asserts: 'self.assertAnswer(answer, 401, "unauthorized")',
    },
  ],
};
