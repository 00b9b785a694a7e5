/**
 * Whose PIN is it? PINs that mean nobody, beside the people they may mean.
 *
 * Owns what is shown and chosen, and when Odoo is asked: the effect of a choice is asked before
 * anything is done; after it the days that are computed are counted until none is left. Must not know
 * whom a PIN fits nor what a mapping does: Odoo says both.
 */
import { Component, markRaw, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { type Services, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure.ts";
import { countText, usableLocale } from "../format.ts";
import {
  type Choice,
  choicesOf,
  type Done,
  type Draft,
  type Effect,
  effectOf,
  likelyLeft,
  type Person,
  type PinRow,
  refused,
  type RegistryMapData,
  withChoice,
  withLikely,
} from "./registry_data.ts";
import { fitLabel, workText } from "./words.ts";

const MODEL = "biometric.registry.map";
const BUS_TYPE = "biometric_attendance/day";
const TYPING_MS = 300;
const BEAT_MS = 3_000;

interface MapState {
  map: RegistryMapData | null;
  failure: string | null;
  busy: boolean;
  device: number | false;
  search: string;
  draft: Draft;
  effect: Effect | null;
  /** The row that a person of the list is given to. */
  current: number | null;
  people: readonly Person[];
  peopleSearch: string;
  done: Done | null;
  waiting: number;
}

export class RegistryMap extends Component {
  static override template = "biometric_attendance.RegistryMap";
  static components = { Layout, Pager };
  static override props = { ...standardActionServiceProps };

  readonly fitLabel = fitLabel;
  readonly count = (number: number): string => countText(number, this.locale);

  declare state: MapState;
  declare locale: string;
  declare private orm: Services["orm"];
  declare private action: Services["action"];
  declare private rowsRef: { readonly el: HTMLElement | null };
  private typing: number | undefined;
  private asking: number | undefined;
  private beat: number | undefined;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.rowsRef = useRef("rows");
    this.state = useState<MapState>({
      map: null,
      failure: null,
      busy: false,
      device: false,
      search: "",
      draft: markRaw(new Map()),
      effect: null,
      current: null,
      people: [],
      peopleSearch: "",
      done: null,
      waiting: 0,
    });
    const bus = useService("bus_service");
    const follow = () => void this.follow();
    onMounted(() => {
      bus.subscribe(BUS_TYPE, follow);
      bus.start().catch(() => {});
      this.beat = browser.setInterval(follow, BEAT_MS);
      void this.load();
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, follow);
      browser.clearInterval(this.beat);
      browser.clearTimeout(this.typing);
      browser.clearTimeout(this.asking);
    });
  }

  get map(): RegistryMapData | null {
    return this.state.map;
  }

  private async ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return await this.orm.silent.call(MODEL, method, args);
  }

  private async guarded(run: () => Promise<void>): Promise<void> {
    this.state.busy = true;
    try {
      await run();
      this.state.failure = null;
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.busy = false;
    }
  }

  /** A page; an answer to what is no longer asked is dropped. */
  async load(offset = 0): Promise<void> {
    await this.guarded(async () => {
      const { device, search } = this.state;
      const map = await this.ask("open_map", device, search, offset) as RegistryMapData;
      if (device !== this.state.device || search !== this.state.search) return;
      this.state.map = markRaw(map);
      this.state.current = map.rows[0]?.id ?? null;
      if (map.may_map && map.rows.length > 0) await this.findPeople();
    });
  }

  readAgain(): void {
    void this.load(this.map?.offset ?? 0);
  }

  private async findPeople(): Promise<void> {
    const { peopleSearch } = this.state;
    const device = this.currentRow?.device_id ?? false;
    const people = await this.ask("find_people", peopleSearch, device) as Person[];
    if (peopleSearch === this.state.peopleSearch) this.state.people = people;
  }

  // What the template reads --------------------------------------------------------------------------

  get currentRow(): PinRow | null {
    return this.map?.rows.find(({ id }) => id === this.state.current) ?? null;
  }

  get phase(): "loading" | "failed" | "empty" | "no_match" | "ready" {
    const { map, failure, device, search } = this.state;
    if (!map) return failure ? "failed" : "loading";
    if (map.rows.length > 0) return "ready";
    return device !== false || search.trim() ? "no_match" : "empty";
  }

  get likely(): number {
    return this.map ? likelyLeft(this.state.draft, this.map.rows) : 0;
  }

  get likelyText(): string {
    return this.likely === 1
      ? _t("Choose the likely one")
      : _t("Choose all %s likely ones", this.count(this.likely));
  }

  get mapText(): string {
    const { size } = this.state.draft;
    return size === 1 ? _t("Map this PIN") : _t("Map these %s PINs", this.count(size));
  }

  /** What the act would do, before it does it. */
  get effectText(): string {
    const { effect, draft } = this.state;
    if (draft.size === 0) return "";
    if (!effect) return _t("Computing the changes…");
    const wrong = refused(effect);
    if (wrong > 0) {
      return wrong === 1
        ? _t("One of them cannot be approved: see the reason on its line.")
        : _t("%s of them cannot be approved: see the reason on each line.", this.count(wrong));
    }
    const days = this.count(effect.days);
    if (effect.days === 0) return _t("No day changes: they have no punches yet.");
    return effect.people === 1
      ? _t("Recomputes days of one person: %s.", days)
      : _t("Recomputes days: %(days)s, people: %(people)s.", {
        days,
        people: this.count(effect.people),
      });
  }

  get mayConfirm(): boolean {
    const { draft, effect, busy } = this.state;
    return draft.size > 0 && effect !== null && refused(effect) === 0 && !busy;
  }

  get doneText(): string {
    const { done, waiting } = this.state;
    if (!done) return "";
    if (waiting > 0) {
      return waiting === 1
        ? _t("Mapped. One day is being recomputed.")
        : _t("Mapped. Days being recomputed: %s.", this.count(waiting));
    }
    return done.days === 0
      ? _t("Mapped. There was no day to compute.")
      : _t("Mapped. Days computed: %s.", this.count(done.days));
  }

  chosen(row: PinRow): Choice | null {
    return this.state.draft.get(row.id) ?? null;
  }

  effect(row: PinRow) {
    return effectOf(this.state.effect, row.id);
  }

  rowDays(days: number): string {
    return days === 1 ? _t("1 day") : _t("%s days", this.count(days));
  }

  workText(row: PinRow): string {
    return workText(row, this.count);
  }

  get peopleTitle(): string {
    const row = this.currentRow;
    if (!row) return _t("People");
    return _t("Who is PIN %(pin)s at %(device)s?", { pin: row.pin, device: row.device });
  }

  // Choosing -----------------------------------------------------------------------------------------

  private setDraft(draft: Draft): void {
    this.state.draft = markRaw(new Map(draft));
    this.state.effect = null;
    browser.clearTimeout(this.asking);
    if (draft.size > 0) {
      this.asking = browser.setTimeout(() => void this.preview(), TYPING_MS);
    }
  }

  private async preview(): Promise<void> {
    const { draft } = this.state;
    await this.guarded(async () => {
      const effect = await this.ask("preview", choicesOf(draft)) as Effect;
      if (draft === this.state.draft) this.state.effect = effect;
    });
  }

  choose(row: PinRow, person: { id: number; name: string }): void {
    const before = this.chosen(row);
    const isSame = before?.employee === person.id;
    this.state.done = null;
    this.setDraft(withChoice(
      this.state.draft,
      row.id,
      isSame ? null : { employee: person.id, name: person.name, first: before?.first ?? "" },
    ));
  }

  choosePerson(person: Person): void {
    if (this.currentRow) this.choose(this.currentRow, person);
  }

  clear(row: PinRow): void {
    this.setDraft(withChoice(this.state.draft, row.id, null));
  }

  chooseLikely(): void {
    if (!this.map) return;
    this.state.done = null;
    this.setDraft(withLikely(this.state.draft, this.map.rows));
  }

  clearAll(): void {
    this.setDraft(new Map());
  }

  /** The row that an event happened in. */
  private rowOf(event: Event): PinRow | null {
    const item = (event.target as HTMLElement).closest<HTMLElement>("[data-pin-row]");
    return this.map?.rows.find(({ id }) => String(id) === item?.dataset["row"]) ?? null;
  }

  onFirst(event: Event): void {
    const row = this.rowOf(event);
    const before = row && this.chosen(row);
    const first = (event.target as HTMLInputElement).value;
    if (before) this.setDraft(withChoice(this.state.draft, row.id, { ...before, first }));
  }

  async confirm(): Promise<void> {
    if (!this.mayConfirm) return;
    const { draft } = this.state;
    await this.guarded(async () => {
      const done = await this.orm.call(MODEL, "confirm", [choicesOf(draft)]) as Done;
      Object.assign(this.state, { done: markRaw(done), waiting: done.days });
      this.clearAll();
    });
    if (this.state.done) await this.load(this.map?.offset ?? 0);
  }

  /** How many days are still to be computed; asked until there is none. */
  private async follow(): Promise<void> {
    const { done, waiting } = this.state;
    if (!done || waiting === 0) return;
    try {
      const left = await this.ask("count_waiting", done.people) as number;
      if (done === this.state.done) this.state.waiting = left;
    } catch (error) {
      this.state.failure = failureText(error);
    }
  }

  // Going about --------------------------------------------------------------------------------------

  setCurrent(row: PinRow): void {
    if (this.state.current === row.id) return;
    const device = this.currentRow?.device_id;
    this.state.current = row.id;
    // people are those of the terminal's company
    if (this.map?.may_map && device !== row.device_id) void this.guarded(() => this.findPeople());
  }

  /** Up and down walk through the PINs, Enter takes whom it fits best, Delete takes it back. */
  onRowKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const row = this.rowOf(event);
    // what has the focus inside a row has its own keys
    if (!row || target.dataset["row"] === undefined) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const rows = [...this.rowsRef.el?.querySelectorAll<HTMLElement>("[data-pin-row]") ?? []];
      rows[rows.indexOf(target) + step]?.focus();
    } else if (event.key === "Enter" && row.fits[0] && this.map?.may_map) {
      event.preventDefault();
      this.choose(row, row.fits[0]);
    } else if (event.key === "Delete") {
      event.preventDefault();
      this.clear(row);
    }
  }

  private later(run: () => void): void {
    browser.clearTimeout(this.typing);
    this.typing = browser.setTimeout(run, TYPING_MS);
  }

  onSearch(event: Event): void {
    this.state.search = (event.target as HTMLInputElement).value;
    this.later(() => void this.load());
  }

  onPeopleSearch(event: Event): void {
    this.state.peopleSearch = (event.target as HTMLInputElement).value;
    this.later(() => void this.guarded(() => this.findPeople()));
  }

  onDevice(event: Event): void {
    this.state.device = Number((event.target as HTMLSelectElement).value) || false;
    void this.load();
  }

  onPager({ offset }: { offset: number }): void {
    void this.load(offset);
  }

  openList(): void {
    void this.action.doAction("biometric_attendance.biometric_device_user_action");
  }

  openDays(): void {
    const people = this.state.done?.people ?? [];
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Days of the people mapped"),
      res_model: "biometric.day",
      views: [[false, "list"], [false, "kanban"], [false, "form"]],
      domain: [["employee_id", "in", [...people]]],
    });
  }
}

registry.category("actions").add("biometric_attendance.registry_map", RegistryMap);
