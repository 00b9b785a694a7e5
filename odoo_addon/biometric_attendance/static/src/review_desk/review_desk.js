// generated from owl_src/review_desk/review_desk.ts, do not edit
import { Component, markRaw, onMounted, useExternalListener, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { usableLocale } from "../format";
import { DayPanel } from "./day_panel";
import {
  allDays,
  cleanToApprove,
  firstWeek,
  nextDay,
  NO_FILTER,
  readDesk,
  readProposals,
  withCells,
  workOf
} from "./desk_data";
import { basketButtons, kindButtons, weekButtons } from "./desk_buttons";
import { DayList } from "./day_list";
import { WeekGrid } from "./week_grid";
import { failureText, leftOutText, sumText } from "./words";
const LIKELY = 90;
class ReviewDesk extends Component {
  static template = "biometric_attendance.ReviewDesk";
  static components = { Layout, DayList, DayPanel, WeekGrid };
  static props = { ...standardActionServiceProps };
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.ui = useService("ui");
    this.locale = usableLocale(user.lang);
    this.state = useState({
      desk: null,
      failure: null,
      filter: { ...this.props.state?.filter ?? NO_FILTER },
      view: "list",
      monday: "",
      selected: null,
      day: null,
      proposals: /* @__PURE__ */ new Map(),
      reasons: /* @__PURE__ */ new Map(),
      busy: false,
      said: "",
      undo: null,
      sum: null
    });
    useSetupAction({
      getLocalState: () => ({ on: this.state.desk?.from, filter: { ...this.state.filter } })
    });
    useExternalListener(window, "keydown", (event) => this.onKey(event));
    onMounted(() => this.load(this.props.state?.on ?? null));
  }
  /** The period that holds a date: its days, then the repairs and the first day beside each other. */
  async load(on) {
    await this.guarded(async () => {
      const desk = markRaw(readDesk(await this.orm.call("biometric.desk", "open_desk", [on])));
      Object.assign(this.state, {
        desk,
        day: null,
        selected: null,
        sum: null,
        undo: null,
        said: ""
      });
      this.state.monday = firstWeek(desk);
      const first = this.ui.isSmall ? null : this.work[0]?.id ?? null;
      await Promise.all([this.readProposals(desk), first === null ? null : this.show(first)]);
    });
  }
  async readProposals(desk) {
    const answer = await this.orm.silent.call(
      "biometric.desk",
      "get_proposals",
      [desk.from, desk.to]
    );
    this.state.proposals = markRaw(readProposals(answer));
    const reasons = Object.entries(answer).map(([id, one]) => [Number(id), one.reasons]);
    this.state.reasons = markRaw(new Map(reasons));
  }
  /** Reads one day and shows it; an answer that comes late for a day left meanwhile is dropped. */
  async show(id) {
    this.state.selected = id;
    const day = await this.orm.silent.call("biometric.desk", "get_day", [id]);
    if (this.state.selected === id) this.state.day = day;
  }
  /** Runs what talks to Odoo; its failure is said on the screen, and nothing is hidden by it. */
  async guarded(run) {
    this.state.busy = true;
    this.state.failure = null;
    try {
      await run();
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.busy = false;
    }
  }
  // What the template reads --------------------------------------------------------------------------
  get days() {
    return this.state.desk ? allDays(this.state.desk) : [];
  }
  get work() {
    return this.state.desk ? workOf(this.state.desk, this.state.filter) : [];
  }
  get baskets() {
    return basketButtons(this.days, this.state.filter, this.locale);
  }
  get kinds() {
    const { desk, filter } = this.state;
    return desk ? kindButtons(desk, filter, this.locale) : [];
  }
  get weeks() {
    const { desk, monday } = this.state;
    return desk ? weekButtons(desk, monday, this.locale) : [];
  }
  get likely() {
    const { proposals } = this.state;
    return this.days.filter((day) => day.basket === "must_fix" && !day.kinds.includes("request")).filter((day) => (proposals.get(day.id)?.percent ?? 0) >= LIKELY).map(({ id }) => id);
  }
  get cleanCount() {
    return cleanToApprove(this.days);
  }
  get mayAct() {
    return this.state.desk?.mayAct ?? false;
  }
  get sumWords() {
    const { sum } = this.state;
    return sum ? { text: sumText(sum, this.locale), leftOut: leftOutText(sum, this.locale) } : { text: "", leftOut: "" };
  }
  get proposalOfDay() {
    const id = this.state.day?.id ?? -1;
    return {
      found: this.state.proposals.get(id) ?? null,
      reasons: this.state.reasons.get(id) ?? []
    };
  }
  /** A list of other days begins at its top again. */
  get listKey() {
    const { desk, filter } = this.state;
    return [desk?.from, filter.basket, filter.kind, filter.search].join("|");
  }
  // Choosing -----------------------------------------------------------------------------------------
  filterBy(wanted) {
    Object.assign(this.state.filter, wanted);
  }
  /** The same basket twice takes the filter off. */
  filterBasket(basket) {
    const again = this.state.filter.basket === basket;
    this.filterBy({ basket: again ? null : basket, kind: null });
    this.state.view = "list";
  }
  filterKind(kind) {
    this.filterBy({ kind: this.state.filter.kind === kind ? null : kind });
    this.state.view = "list";
  }
  onSearch(event) {
    this.filterBy({ search: event.target.value });
  }
  showView(view) {
    this.state.view = view;
  }
  showWeek(monday) {
    this.state.monday = monday;
  }
  select(day) {
    this.guarded(() => this.show(day.id));
  }
  step(by) {
    const work = this.work;
    const place = work.findIndex(({ id }) => id === this.state.selected);
    const next = work[Math.min(work.length - 1, Math.max(0, place + by))];
    if (!next || next.id === this.state.selected) return;
    this.select(next);
  }
  // Acting -------------------------------------------------------------------------------------------
  /** Asks Odoo to do something; takes in the days it answers and goes on to the next. */
  async act(method, args, goOn = true) {
    if (this.state.busy) return;
    await this.guarded(async () => {
      const before = this.work;
      const current = this.state.selected;
      const answer = await this.orm.call("biometric.desk", method, args);
      const desk = this.state.desk;
      if (desk) this.state.desk = markRaw(withCells(desk, answer.cells));
      this.state.said = answer.text;
      this.state.undo = answer.undo;
      if (current === null) return;
      const following = goOn ? nextDay(before, this.work, current) : current;
      if (this.ui.isSmall || following === null) this.close();
      else await this.show(following);
    });
  }
  onPanel(act) {
    const id = this.state.selected;
    if (id === null) return;
    if (act.kind === "accept") this.act("accept", [[id]]);
    if (act.kind === "decide") this.act("decide", [act.request, act.yes, act.text || null]);
    if (act.kind === "reverse") this.act("reverse", [act.request, act.text], false);
    if (act.kind === "ask") this.act("ask", [id, act.what, act.text]);
    if (act.kind === "confirm") this.act("confirm", [id, act.text]);
    if (act.kind === "correct") this.correct(id);
    if (act.kind === "open") this.openForm(id);
    if (act.kind === "close") this.close();
  }
  close() {
    this.state.selected = null;
    this.state.day = null;
  }
  acceptLikely() {
    this.act("accept", [this.likely, LIKELY]);
  }
  /** Says what would be approved; nothing is done before that was read. */
  async askClean() {
    const { desk } = this.state;
    if (!desk || this.state.busy) return;
    await this.guarded(async () => {
      const sum = await this.orm.call("biometric.desk", "sum_clean", [desk.from, desk.to]);
      this.state.sum = sum;
    });
  }
  async approveClean() {
    const { desk, sum } = this.state;
    if (!desk || !sum) return;
    this.state.sum = null;
    await this.act("approve_clean", [desk.from, desk.to, sum.days], false);
  }
  forgetClean() {
    this.state.sum = null;
  }
  undo() {
    if (this.state.undo) this.act("undo", [this.state.undo], false);
  }
  /** The dialog for what no single key can ask for; the day is read again when it closes. */
  async correct(id) {
    await this.guarded(async () => {
      const action = await this.orm.call("biometric.day", "action_correct", [[id]]);
      await this.action.doAction(
        { ...action, views: [[false, "form"]] },
        { onClose: () => this.act("refresh", [id], false) }
      );
    });
  }
  openForm(id) {
    this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.day",
      res_id: id,
      views: [[false, "form"]]
    });
  }
  /** Enter does what the day most likely needs: a yes to what is asked, else the proposed repair. */
  first() {
    const { day, selected } = this.state;
    if (!day || day.id !== selected) return;
    const asked = day.requests.find((one) => one.can_decide);
    if (asked) this.act("decide", [asked.id, true, null]);
    else if (this.state.proposals.has(day.id)) this.act("accept", [[day.id]]);
  }
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target?.closest("input, textarea, select, [contenteditable=true], .modal")) return;
    if (document.querySelector(".modal.show, .o_dialog, .o_command_palette")) return;
    if (event.key === "Enter" && target?.closest("button:not([data-day]), a, summary")) return;
    const keys = {
      ArrowDown: () => this.step(1),
      j: () => this.step(1),
      ArrowUp: () => this.step(-1),
      k: () => this.step(-1),
      Enter: () => this.mayAct && this.first(),
      o: () => this.state.selected !== null && this.openForm(this.state.selected),
      g: () => this.showView(this.state.view === "grid" ? "list" : "grid"),
      u: () => this.undo(),
      Escape: () => this.state.sum ? this.forgetClean() : this.close()
    };
    const run = keys[event.key];
    if (!run || !this.state.desk) return;
    event.preventDefault();
    run();
  }
}
registry.category("actions").add("biometric_attendance.review_desk", ReviewDesk);
export {
  ReviewDesk
};
