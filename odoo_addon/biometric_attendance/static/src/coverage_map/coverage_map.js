// generated from owl_src/coverage_map/coverage_map.ts, do not edit
import {
  Component,
  markRaw,
  onMounted,
  onPatched,
  onWillUnmount,
  useRef,
  useState
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure";
import { countText, usableLocale } from "../format";
import { CLOCK } from "../kept_read";
import { Refresher, withDeadline } from "../refresher";
import { CellPanel } from "./cell_panel";
import {
  dateAfter,
  markOf,
  STATES,
  stepFrom
} from "./coverage_data";
import { cellText, stateHelp, stateLabel } from "./words";
const TYPING_MS = 300;
const DEADLINE_MS = 3e4;
const TIMES = { delayMs: 400, gapMs: 5e3, beatMs: 3e5 };
class CoverageMap extends Component {
  static template = "biometric_attendance.CoverageMap";
  static components = { Layout, Pager, CellPanel };
  static props = { ...standardActionServiceProps };
  states = STATES;
  label = stateLabel;
  help = stateHelp;
  mark = markOf;
  count = (number) => countText(number, this.locale);
  typingTimer;
  focusWanted = false;
  /** Last day of the map whose newest days were brought into sight. */
  seenLast = null;
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.table = useRef("table");
    this.state = useState({
      ...this.props.state ?? { last: null, search: "", agent: false, trouble: false, offset: 0 },
      map: null,
      failure: null,
      busy: false,
      cursor: [0, 0],
      open: null
    });
    this.refresher = new Refresher(() => this.read(), TIMES, CLOCK);
    useSetupAction({ getLocalState: () => ({ ...this.asked }) });
    onMounted(() => this.refresher.start());
    onPatched(() => {
      this.showNewest();
      this.takeFocus();
    });
    onWillUnmount(() => {
      this.refresher.stop();
      browser.clearTimeout(this.typingTimer);
    });
  }
  get map() {
    return this.state.map;
  }
  get asked() {
    const { last, search, agent, trouble, offset } = this.state;
    return { last, search, agent, trouble, offset };
  }
  /** What stood there stays while Odoo cannot be read; an answer to an old question is dropped. */
  async read() {
    const asked = this.asked;
    this.state.busy = true;
    try {
      const call = this.orm.silent.call("biometric.coverage.map", "open_map", [], { ...asked });
      const map = await withDeadline(call, DEADLINE_MS, CLOCK);
      if (JSON.stringify(asked) !== JSON.stringify(this.asked)) return;
      const isNew = !this.state.map;
      this.state.map = markRaw(map);
      this.state.failure = null;
      if (isNew) this.state.cursor = [0, Math.max(0, map.days.length - 1)];
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.busy = false;
    }
  }
  readAgain() {
    this.refresher.readNow();
  }
  /** Asks for something else: from its first page, with nothing open. */
  show(wanted) {
    Object.assign(this.state, { offset: 0, open: null }, wanted);
    this.state.cursor = [0, this.state.cursor[1]];
    this.refresher.readNow();
  }
  // What the template reads --------------------------------------------------------------------------
  get phase() {
    const { map, failure, trouble } = this.state;
    if (!map) return failure ? "failed" : "loading";
    if (map.devices.length > 0) return "ready";
    return trouble && map.all > 0 ? "clean" : "empty";
  }
  get foundNothing() {
    return this.state.search.trim() !== "" || this.state.agent !== false;
  }
  get totalText() {
    const { map } = this.state;
    if (!map) return "";
    return map.total === 1 ? _t("1 terminal") : _t("%s terminals", this.count(map.total));
  }
  get oldText() {
    return this.map ? ` ${_t("What stands here is what was read before.")}` : "";
  }
  cellLabel(device, day, cell) {
    return `${device.name}, ${day.long}: ${cellText(cell)}`;
  }
  cellClass(cell, device, day) {
    const { open } = this.state;
    const isOpen = open?.device === device.id && open.day === day.date;
    return [
      "o_biometric_coverage_cell",
      cell ? `o_biometric_coverage_${cell[0]}` : "o_biometric_coverage_none",
      cell && cell[2] > 0 ? "o_biometric_coverage_accepted" : "",
      isOpen ? "o_biometric_coverage_open" : ""
    ].filter(Boolean).join(" ");
  }
  tabindex(row, column) {
    const [atRow, atColumn] = this.state.cursor;
    return atRow === row && atColumn === column ? "0" : "-1";
  }
  // Going about --------------------------------------------------------------------------------------
  step(by) {
    const { map } = this.state;
    if (map) this.show({ last: dateAfter(map.last, by * map.days.length) });
  }
  toToday() {
    this.show({ last: null });
  }
  toggleTrouble() {
    this.show({ trouble: !this.state.trouble });
  }
  showAll() {
    this.show({ trouble: false, search: "", agent: false });
  }
  onAgent(event) {
    this.show({ agent: Number(event.target.value) || false });
  }
  onSearch(event) {
    const search = event.target.value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(() => this.show({ search }), TYPING_MS);
  }
  onPager({ offset }) {
    this.show({ offset });
  }
  openList() {
    void this.action.doAction("biometric_attendance.biometric_coverage_action");
  }
  openDevice(id) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.device",
      res_id: id,
      views: [[false, "form"]]
    });
  }
  // Cells --------------------------------------------------------------------------------------------
  placeOf(event) {
    const cell = event.target.closest("[data-row]");
    return cell ? [Number(cell.dataset["row"]), Number(cell.dataset["column"])] : null;
  }
  onClick(event) {
    const place = this.placeOf(event);
    if (place) this.openPlace(place);
  }
  onKey(event) {
    const { map } = this.state;
    const place = this.placeOf(event);
    if (!map || !place || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.openPlace(place);
    }
    const next = stepFrom(map, place, event.key);
    if (!next) return;
    event.preventDefault();
    this.focusAt(next);
  }
  openPlace(place) {
    const [row, column] = place;
    const device = this.map?.devices[row];
    const day = this.map?.days[column];
    this.state.cursor = place;
    if (device?.cells[column] && day) this.state.open = { device: device.id, day: day.date };
  }
  closeCell() {
    this.state.open = null;
    this.focusAt(this.state.cursor);
  }
  onScreenKey(event) {
    if (event.key !== "Escape" || !this.state.open) return;
    event.stopPropagation();
    this.closeCell();
  }
  focusAt(place) {
    this.state.cursor = place;
    this.focusWanted = true;
    this.takeFocus();
  }
  /** Where the days are wider than the screen, they begin at the newest; once for the same days. */
  showNewest() {
    const scroll = this.table.el?.parentElement;
    const last = this.map?.last ?? null;
    if (!scroll || last === this.seenLast) return;
    this.seenLast = last;
    const beyond = scroll.scrollWidth - scroll.clientWidth;
    scroll.scrollLeft = getComputedStyle(scroll).direction === "rtl" ? -beyond : beyond;
  }
  takeFocus() {
    if (!this.focusWanted) return;
    const [row, column] = this.state.cursor;
    const cell = this.table.el?.querySelector(
      `[data-row="${row}"][data-column="${column}"]`
    );
    if (!cell) return;
    cell.focus();
    if (document.activeElement === cell) this.focusWanted = false;
  }
}
registry.category("actions").add("biometric_attendance.coverage_map", CoverageMap);
export {
  CoverageMap
};
