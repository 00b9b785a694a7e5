// generated from owl_src/registry_map/registry_map.ts, do not edit
import { Component, markRaw, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure";
import { countText, usableLocale } from "../format";
import {
  choicesOf,
  effectOf,
  likelyLeft,
  refused,
  withChoice,
  withLikely
} from "./registry_data";
import { fitLabel, workText } from "./words";
const MODEL = "biometric.registry.map";
const BUS_TYPE = "biometric_attendance/day";
const TYPING_MS = 300;
const BEAT_MS = 3e3;
class RegistryMap extends Component {
  static template = "biometric_attendance.RegistryMap";
  static components = { Layout, Pager };
  static props = { ...standardActionServiceProps };
  fitLabel = fitLabel;
  count = (number) => countText(number, this.locale);
  typing;
  asking;
  beat;
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.rowsRef = useRef("rows");
    this.state = useState({
      map: null,
      failure: null,
      busy: false,
      device: false,
      search: "",
      draft: markRaw(/* @__PURE__ */ new Map()),
      effect: null,
      current: null,
      people: [],
      peopleSearch: "",
      done: null,
      waiting: 0
    });
    const bus = useService("bus_service");
    const follow = () => void this.follow();
    onMounted(() => {
      bus.subscribe(BUS_TYPE, follow);
      bus.start().catch(() => {
      });
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
  get map() {
    return this.state.map;
  }
  async ask(method, ...args) {
    return await this.orm.silent.call(MODEL, method, args);
  }
  async guarded(run) {
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
  async load(offset = 0) {
    await this.guarded(async () => {
      const { device, search } = this.state;
      const map = await this.ask("open_map", device, search, offset);
      if (device !== this.state.device || search !== this.state.search) return;
      this.state.map = markRaw(map);
      this.state.current = map.rows[0]?.id ?? null;
      if (map.may_map && map.rows.length > 0) await this.findPeople();
    });
  }
  readAgain() {
    void this.load(this.map?.offset ?? 0);
  }
  async findPeople() {
    const { peopleSearch } = this.state;
    const device = this.currentRow?.device_id ?? false;
    const people = await this.ask("find_people", peopleSearch, device);
    if (peopleSearch === this.state.peopleSearch) this.state.people = people;
  }
  // What the template reads --------------------------------------------------------------------------
  get currentRow() {
    return this.map?.rows.find(({ id }) => id === this.state.current) ?? null;
  }
  get phase() {
    const { map, failure, device, search } = this.state;
    if (!map) return failure ? "failed" : "loading";
    if (map.rows.length > 0) return "ready";
    return device !== false || search.trim() ? "no_match" : "empty";
  }
  get likely() {
    return this.map ? likelyLeft(this.state.draft, this.map.rows) : 0;
  }
  get likelyText() {
    return this.likely === 1 ? _t("Choose the likely one") : _t("Choose all %s likely ones", this.count(this.likely));
  }
  get mapText() {
    const { size } = this.state.draft;
    return size === 1 ? _t("Map this PIN") : _t("Map these %s PINs", this.count(size));
  }
  /** What the act would do, before it does it. */
  get effectText() {
    const { effect, draft } = this.state;
    if (draft.size === 0) return "";
    if (!effect) return _t("Computing the changes…");
    const wrong = refused(effect);
    if (wrong > 0) {
      return wrong === 1 ? _t("One of them cannot be approved: see the reason on its line.") : _t("%s of them cannot be approved: see the reason on each line.", this.count(wrong));
    }
    const days = this.count(effect.days);
    if (effect.days === 0) return _t("No day changes: they have no punches yet.");
    return effect.people === 1 ? _t("Recomputes days of one person: %s.", days) : _t("Recomputes days: %(days)s, people: %(people)s.", {
      days,
      people: this.count(effect.people)
    });
  }
  get mayConfirm() {
    const { draft, effect, busy } = this.state;
    return draft.size > 0 && effect !== null && refused(effect) === 0 && !busy;
  }
  get doneText() {
    const { done, waiting } = this.state;
    if (!done) return "";
    if (waiting > 0) {
      return waiting === 1 ? _t("Mapped. One day is being recomputed.") : _t("Mapped. Days being recomputed: %s.", this.count(waiting));
    }
    return done.days === 0 ? _t("Mapped. There was no day to compute.") : _t("Mapped. Days computed: %s.", this.count(done.days));
  }
  chosen(row) {
    return this.state.draft.get(row.id) ?? null;
  }
  effect(row) {
    return effectOf(this.state.effect, row.id);
  }
  rowDays(days) {
    return days === 1 ? _t("1 day") : _t("%s days", this.count(days));
  }
  workText(row) {
    return workText(row, this.count);
  }
  get peopleTitle() {
    const row = this.currentRow;
    if (!row) return _t("People");
    return _t("Who is PIN %(pin)s at %(device)s?", { pin: row.pin, device: row.device });
  }
  // Choosing -----------------------------------------------------------------------------------------
  setDraft(draft) {
    this.state.draft = markRaw(new Map(draft));
    this.state.effect = null;
    browser.clearTimeout(this.asking);
    if (draft.size > 0) {
      this.asking = browser.setTimeout(() => void this.preview(), TYPING_MS);
    }
  }
  async preview() {
    const { draft } = this.state;
    await this.guarded(async () => {
      const effect = await this.ask("preview", choicesOf(draft));
      if (draft === this.state.draft) this.state.effect = effect;
    });
  }
  choose(row, person) {
    const before = this.chosen(row);
    const isSame = before?.employee === person.id;
    this.state.done = null;
    this.setDraft(withChoice(
      this.state.draft,
      row.id,
      isSame ? null : { employee: person.id, name: person.name, first: before?.first ?? "" }
    ));
  }
  choosePerson(person) {
    if (this.currentRow) this.choose(this.currentRow, person);
  }
  clear(row) {
    this.setDraft(withChoice(this.state.draft, row.id, null));
  }
  chooseLikely() {
    if (!this.map) return;
    this.state.done = null;
    this.setDraft(withLikely(this.state.draft, this.map.rows));
  }
  clearAll() {
    this.setDraft(/* @__PURE__ */ new Map());
  }
  /** The row that an event happened in. */
  rowOf(event) {
    const item = event.target.closest("[data-pin-row]");
    return this.map?.rows.find(({ id }) => String(id) === item?.dataset["row"]) ?? null;
  }
  onFirst(event) {
    const row = this.rowOf(event);
    const before = row && this.chosen(row);
    const first = event.target.value;
    if (before) this.setDraft(withChoice(this.state.draft, row.id, { ...before, first }));
  }
  async confirm() {
    if (!this.mayConfirm) return;
    const { draft } = this.state;
    await this.guarded(async () => {
      const done = await this.orm.call(MODEL, "confirm", [choicesOf(draft)]);
      Object.assign(this.state, { done: markRaw(done), waiting: done.days });
      this.clearAll();
    });
    if (this.state.done) await this.load(this.map?.offset ?? 0);
  }
  /** How many days are still to be computed; asked until there is none. */
  async follow() {
    const { done, waiting } = this.state;
    if (!done || waiting === 0) return;
    try {
      const left = await this.ask("count_waiting", done.people);
      if (done === this.state.done) this.state.waiting = left;
    } catch (error) {
      this.state.failure = failureText(error);
    }
  }
  // Going about --------------------------------------------------------------------------------------
  setCurrent(row) {
    if (this.state.current === row.id) return;
    const device = this.currentRow?.device_id;
    this.state.current = row.id;
    if (this.map?.may_map && device !== row.device_id) void this.guarded(() => this.findPeople());
  }
  /** Up and down walk through the PINs, Enter takes whom it fits best, Delete takes it back. */
  onRowKey(event) {
    const target = event.target;
    const row = this.rowOf(event);
    if (!row || target.dataset["row"] === void 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== void 0) {
      event.preventDefault();
      const rows = [...this.rowsRef.el?.querySelectorAll("[data-pin-row]") ?? []];
      rows[rows.indexOf(target) + step]?.focus();
    } else if (event.key === "Enter" && row.fits[0] && this.map?.may_map) {
      event.preventDefault();
      this.choose(row, row.fits[0]);
    } else if (event.key === "Delete") {
      event.preventDefault();
      this.clear(row);
    }
  }
  later(run) {
    browser.clearTimeout(this.typing);
    this.typing = browser.setTimeout(run, TYPING_MS);
  }
  onSearch(event) {
    this.state.search = event.target.value;
    this.later(() => void this.load());
  }
  onPeopleSearch(event) {
    this.state.peopleSearch = event.target.value;
    this.later(() => void this.guarded(() => this.findPeople()));
  }
  onDevice(event) {
    this.state.device = Number(event.target.value) || false;
    void this.load();
  }
  onPager({ offset }) {
    void this.load(offset);
  }
  openList() {
    void this.action.doAction("biometric_attendance.biometric_device_user_action");
  }
  openDays() {
    const people = this.state.done?.people ?? [];
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Days of the people mapped"),
      res_model: "biometric.day",
      views: [[false, "list"], [false, "kanban"], [false, "form"]],
      domain: [["employee_id", "in", [...people]]]
    });
  }
}
registry.category("actions").add("biometric_attendance.registry_map", RegistryMap);
export {
  RegistryMap
};
