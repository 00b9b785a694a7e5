/**
 * The coverage map: terminals by days; whether everything they recorded is proven to be in Odoo.
 *
 * Owns which terminals and days are shown and the walk through them by keys. cell_panel.ts shows what
 * stands behind a cell. Must not know how a state comes about: coverage says it.
 */
import {
  Component,
  markRaw,
  onMounted,
  onPatched,
  onWillUnmount,
  useRef,
  useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { type Services, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure.ts";
import { countText, usableLocale } from "../format.ts";
import { CLOCK } from "../kept_read.ts";
import { Refresher, withDeadline } from "../refresher.ts";
import { CellPanel } from "./cell_panel.ts";
import {
  type Cell,
  type CoverageMapData,
  dateAfter,
  type Day,
  type DeviceRow,
  markOf,
  type Place,
  STATES,
  stepFrom,
} from "./coverage_data.ts";
import { cellText, stateHelp, stateLabel } from "./words.ts";

const TYPING_MS = 300;
const DEADLINE_MS = 30_000;
/** Proofs come by minutes, and a map of thousands of terminals is no small reading. */
const TIMES = { delayMs: 400, gapMs: 5_000, beatMs: 300_000 };

interface Asked {
  last: string | null;
  search: string;
  agent: number | false;
  trouble: boolean;
  offset: number;
}

interface MapState extends Asked {
  map: CoverageMapData | null;
  failure: string | null;
  busy: boolean;
  cursor: Place;
  open: { device: number; day: string } | null;
}

interface Props {
  state?: Asked;
}

export class CoverageMap extends Component<Props> {
  static override template = "biometric_attendance.CoverageMap";
  static components = { Layout, Pager, CellPanel };
  static override props = { ...standardActionServiceProps };

  readonly states = STATES;
  readonly label = stateLabel;
  readonly help = stateHelp;
  readonly mark = markOf;
  readonly count = (number: number): string => countText(number, this.locale);

  declare state: MapState;
  declare locale: string;
  declare private orm: Services["orm"];
  declare private action: Services["action"];
  declare private table: { readonly el: HTMLElement | null };
  declare private refresher: Refresher;
  private typingTimer: number | undefined;
  private focusWanted = false;
  /** Last day of the map whose newest days were brought into sight. */
  private seenLast: string | null = null;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.table = useRef("table");
    this.state = useState<MapState>({
      ...(this.props.state ?? { last: null, search: "", agent: false, trouble: false, offset: 0 }),
      map: null,
      failure: null,
      busy: false,
      cursor: [0, 0],
      open: null,
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

  get map(): CoverageMapData | null {
    return this.state.map;
  }

  private get asked(): Asked {
    const { last, search, agent, trouble, offset } = this.state;
    return { last, search, agent, trouble, offset };
  }

  /** What stood there stays while Odoo cannot be read; an answer to an old question is dropped. */
  private async read(): Promise<void> {
    const asked = this.asked;
    this.state.busy = true;
    try {
      const call = this.orm.silent.call("biometric.coverage.map", "open_map", [], { ...asked });
      const map = await withDeadline(call, DEADLINE_MS, CLOCK) as CoverageMapData;
      if (JSON.stringify(asked) !== JSON.stringify(this.asked)) return;
      const isNew = !this.state.map;
      this.state.map = markRaw(map);
      this.state.failure = null;
      // The newest day is where trouble is looked for first.
      if (isNew) this.state.cursor = [0, Math.max(0, map.days.length - 1)];
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.busy = false;
    }
  }

  readAgain(): void {
    this.refresher.readNow();
  }

  /** Asks for something else: from its first page, with nothing open. */
  private show(wanted: Partial<Asked>): void {
    Object.assign(this.state, { offset: 0, open: null }, wanted);
    this.state.cursor = [0, this.state.cursor[1]];
    this.refresher.readNow();
  }

  // What the template reads --------------------------------------------------------------------------

  get phase(): "loading" | "failed" | "empty" | "clean" | "ready" {
    const { map, failure, trouble } = this.state;
    if (!map) return failure ? "failed" : "loading";
    if (map.devices.length > 0) return "ready";
    return trouble && map.all > 0 ? "clean" : "empty";
  }

  get foundNothing(): boolean {
    return this.state.search.trim() !== "" || this.state.agent !== false;
  }

  get totalText(): string {
    const { map } = this.state;
    if (!map) return "";
    return map.total === 1 ? _t("1 terminal") : _t("%s terminals", this.count(map.total));
  }

  get oldText(): string {
    return this.map ? ` ${_t("What stands here is what was read before.")}` : "";
  }

  cellLabel(device: DeviceRow, day: Day, cell: Cell): string {
    return `${device.name}, ${day.long}: ${cellText(cell)}`;
  }

  cellClass(cell: Cell, device: DeviceRow, day: Day): string {
    const { open } = this.state;
    const isOpen = open?.device === device.id && open.day === day.date;
    return [
      "o_biometric_coverage_cell",
      cell ? `o_biometric_coverage_${cell[0]}` : "o_biometric_coverage_none",
      cell && cell[2] > 0 ? "o_biometric_coverage_accepted" : "",
      isOpen ? "o_biometric_coverage_open" : "",
    ].filter(Boolean).join(" ");
  }

  tabindex(row: number, column: number): "0" | "-1" {
    const [atRow, atColumn] = this.state.cursor;
    return atRow === row && atColumn === column ? "0" : "-1";
  }

  // Going about --------------------------------------------------------------------------------------

  step(by: number): void {
    const { map } = this.state;
    if (map) this.show({ last: dateAfter(map.last, by * map.days.length) });
  }

  toToday(): void {
    this.show({ last: null });
  }

  toggleTrouble(): void {
    this.show({ trouble: !this.state.trouble });
  }

  showAll(): void {
    this.show({ trouble: false, search: "", agent: false });
  }

  onAgent(event: Event): void {
    this.show({ agent: Number((event.target as HTMLSelectElement).value) || false });
  }

  onSearch(event: Event): void {
    const search = (event.target as HTMLInputElement).value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(() => this.show({ search }), TYPING_MS);
  }

  onPager({ offset }: { offset: number }): void {
    this.show({ offset });
  }

  openList(): void {
    void this.action.doAction("biometric_attendance.biometric_coverage_action");
  }

  openDevice(id: number): void {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.device",
      res_id: id,
      views: [[false, "form"]],
    });
  }

  // Cells --------------------------------------------------------------------------------------------

  private placeOf(event: Event): Place | null {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
    return cell ? [Number(cell.dataset["row"]), Number(cell.dataset["column"])] : null;
  }

  onClick(event: MouseEvent): void {
    const place = this.placeOf(event);
    if (place) this.openPlace(place);
  }

  onKey(event: KeyboardEvent): void {
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

  private openPlace(place: Place): void {
    const [row, column] = place;
    const device = this.map?.devices[row];
    const day = this.map?.days[column];
    this.state.cursor = place;
    if (device?.cells[column] && day) this.state.open = { device: device.id, day: day.date };
  }

  closeCell(): void {
    this.state.open = null;
    this.focusAt(this.state.cursor);
  }

  onScreenKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.state.open) return;
    event.stopPropagation();
    this.closeCell();
  }

  private focusAt(place: Place): void {
    this.state.cursor = place;
    this.focusWanted = true;
    // Where the cursor is already, nothing is drawn again.
    this.takeFocus();
  }

  /** Where the days are wider than the screen, they begin at the newest; once for the same days. */
  private showNewest(): void {
    const scroll = this.table.el?.parentElement;
    const last = this.map?.last ?? null;
    if (!scroll || last === this.seenLast) return;
    this.seenLast = last;
    const beyond = scroll.scrollWidth - scroll.clientWidth;
    // Right to left, the way to the last column is counted below zero.
    scroll.scrollLeft = getComputedStyle(scroll).direction === "rtl" ? -beyond : beyond;
  }

  private takeFocus(): void {
    if (!this.focusWanted) return;
    const [row, column] = this.state.cursor;
    const cell = this.table.el?.querySelector<HTMLElement>(
      `[data-row="${row}"][data-column="${column}"]`,
    );
    if (!cell) return;
    cell.focus();
    if (document.activeElement === cell) this.focusWanted = false;
  }
}

registry.category("actions").add("biometric_attendance.coverage_map", CoverageMap);
