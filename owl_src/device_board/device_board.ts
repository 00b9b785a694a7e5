/**
 * The device board: the client action that shows every device and agent, live.
 *
 * Owns what is asked for (search, status, page), when it is read again and what is shown while it
 * cannot be. Must not know how a status comes about (the server says) or how it reads (words.ts).
 * Nothing here may keep the web client from starting: no reading is awaited before the first rendering
 * and no error leaves `read`.
 */
import {
  Component,
  onMounted,
  onWillUnmount,
  useEffect,
  useExternalListener,
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
import { countText, usableLocale } from "../format.ts";
import { CLOCK } from "../kept_read.ts";
import { Refresher, withDeadline } from "../refresher.ts";
import { AgentStrip } from "./agent_strip.ts";
import {
  type Board,
  isFirstRun,
  isStale,
  offsetWithin,
  readBoard,
  type Status,
  STATUSES,
  toneOf,
} from "./board_data.ts";
import { DeviceCard, DeviceRow } from "./device_item.ts";
import { askRights } from "./rights.ts";
import { failureText, type Moment, moment, statusHelp, statusLabel } from "./words.ts";

const PAGE = 80;
const BUS_TYPE = "biometric_attendance/board";
const TIMES = { delayMs: 400, gapMs: 2_000, beatMs: 60_000 };
/** A request is given up after this long, so that a dead connection cannot block the next reading. */
const DEADLINE_MS = 30_000;
const TYPING_MS = 250;
/** How often "5 minutes ago" is brought up to date. */
const TICK_MS = 15_000;
const VIEW_KEY = "biometric_attendance.board_view";

type View = "list" | "cards";

interface BoardState {
  board: Board | null;
  /** Why the last reading failed; null when it did not. */
  failure: string | null;
  search: string;
  status: Status | null;
  offset: number;
  view: View;
  nowMs: number;
  /** Browser clock when `board` was asked for: nothing on it is younger. */
  readAtMs: number;
  online: boolean;
  mayPair: boolean;
  mayReadUnread: boolean;
}

interface Props {
  state?: { search?: string; status?: Status | null; offset?: number };
}

export class DeviceBoard extends Component<Props> {
  static override template = "biometric_attendance.DeviceBoard";
  static components = { Layout, Pager, AgentStrip, DeviceCard, DeviceRow };
  static override props = { ...standardActionServiceProps };

  declare state: BoardState;
  declare locale: string;
  declare private orm: Services["orm"];
  declare private action: Services["action"];
  declare private bus: Services["bus_service"];
  declare private ui: Services["ui"];
  declare private refresher: Refresher;
  declare private searchRef: { readonly el: HTMLInputElement | null };
  declare private itemsRef: { readonly el: HTMLElement | null };
  declare private typingTimer: number | undefined;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    this.bus = useService("bus_service");
    this.ui = useService("ui");
    this.locale = usableLocale(user.lang);
    this.searchRef = useRef("search");
    this.itemsRef = useRef("items");
    const nowMs = Date.now();
    this.state = useState<BoardState>({
      board: null,
      failure: null,
      search: this.props.state?.search ?? "",
      status: this.props.state?.status ?? null,
      offset: this.props.state?.offset ?? 0,
      view: browser.localStorage.getItem(VIEW_KEY) === "cards" ? "cards" : "list",
      nowMs,
      readAtMs: nowMs,
      online: browser.navigator.onLine,
      mayPair: false,
      mayReadUnread: false,
    });
    useSetupAction({
      getLocalState: () => ({
        search: this.state.search,
        status: this.state.status,
        offset: this.state.offset,
      }),
    });
    this.refresher = new Refresher(() => this.read(), TIMES, CLOCK);
    this.listen();
  }

  private listen(): void {
    const changed = () => this.refresher.request();
    let tick: number | undefined;
    onMounted(() => {
      this.bus.subscribe(BUS_TYPE, changed);
      // Without the bus the board still reads at its slow beat.
      this.bus.start().catch(() => {});
      tick = browser.setInterval(() => this.state.nowMs = Date.now(), TICK_MS);
      this.refresher.start();
      askRights().then((rights) => Object.assign(this.state, rights));
    });
    onWillUnmount(() => {
      this.bus.unsubscribe(BUS_TYPE, changed);
      browser.clearInterval(tick);
      browser.clearTimeout(this.typingTimer);
      this.refresher.stop();
    });
    useExternalListener(window, "online", () => {
      this.state.online = true;
      this.refresher.readNow();
    });
    useExternalListener(window, "offline", () => this.state.online = false);
    useExternalListener(document, "visibilitychange", () => {
      if (!document.hidden) changed();
    });
    useExternalListener(window, "keydown", (event) => this.onShortcut(event as KeyboardEvent));
    // What was sent while the bus was away is not repeated: read again when it comes (back).
    let wasConnected = this.bus.workerState === "CONNECTED";
    useEffect((connected: boolean) => {
      if (connected && !wasConnected) changed();
      wasConnected = connected;
    }, () => [this.bus.workerState === "CONNECTED"]);
  }

  /** One reading; leaves its result or its failure in the state and never rejects. */
  private async read(): Promise<void> {
    if (document.hidden && this.state.board) return;
    const { search, status, offset } = this.state;
    const askedAtMs = Date.now();
    try {
      const answer = await withDeadline(
        this.orm.silent.call("biometric.device", "get_board_data", [], {
          limit: PAGE,
          offset,
          search: search.trim(),
          status,
        }),
        DEADLINE_MS,
        CLOCK,
      );
      if (!this.stillAsking(search, status, offset)) return;
      const board = readBoard(answer);
      this.state.board = board;
      this.state.failure = null;
      this.state.readAtMs = askedAtMs;
      this.state.nowMs = Date.now();
      const within = offsetWithin(offset, PAGE, board.total);
      if (within < offset) this.show({ offset: within });
    } catch (error) {
      this.state.failure = failureText(error);
      this.state.nowMs = Date.now();
    }
  }

  /** False when the person asked for something else meanwhile; that reading is already due. */
  private stillAsking(search: string, status: Status | null, offset: number): boolean {
    const now = this.state;
    return search === now.search && status === now.status && offset === now.offset;
  }

  /** Asks for something else; a change of search or status begins at the first page. */
  private show(wanted: Partial<Pick<BoardState, "search" | "status" | "offset">>): void {
    Object.assign(this.state, { offset: 0 }, wanted);
    this.refresher.readNow();
  }

  // What the template reads ------------------------------------------------------------------------

  get phase(): "loading" | "failed" | "first_run" | "no_device" | "no_match" | "ready" {
    const { board, failure, search, status } = this.state;
    if (!board) return failure ? "failed" : "loading";
    if (board.devices.length > 0) return "ready";
    if (isFirstRun(board, search, status)) return "first_run";
    return search.trim() || status ? "no_match" : "no_device";
  }

  /** The server's clock now: instants of the board are compared with it, not with the browser's. */
  get nowMs(): number {
    const { board, nowMs, readAtMs } = this.state;
    return board ? board.serverAt + Math.max(0, nowMs - readAtMs) : nowMs;
  }

  get counters() {
    const counts = this.state.board?.counts;
    return STATUSES.map((status) => ({
      status,
      tone: toneOf(status),
      label: statusLabel(status),
      help: statusHelp(status),
      count: counts?.[status] ?? 0,
      text: counts ? countText(counts[status], this.locale) : "–",
      pressed: this.state.status === status,
    }));
  }

  get allCount(): string {
    const counts = this.state.board?.counts;
    if (!counts) return "–";
    return countText(Object.values(counts).reduce((sum, n) => sum + n, 0), this.locale);
  }

  get resultText(): string {
    const total = this.state.board?.total ?? 0;
    return total === 1 ? _t("1 terminal") : _t("%s terminals", countText(total, this.locale));
  }

  get asCards(): boolean {
    return this.ui.isSmall || this.state.view === "cards";
  }

  /** True when what is shown may no longer be so: then nothing on the board looks healthy. */
  get old(): boolean {
    const { failure, online, readAtMs, nowMs } = this.state;
    return failure !== null || !online || isStale(readAtMs, nowMs);
  }

  get readAt(): Moment | null {
    return moment(this.state.readAtMs, this.state.nowMs, this.locale);
  }

  get notice(): string {
    if (!this.state.online) return _t("This computer is offline.");
    return this.state.failure ?? _t("The board has not been refreshed for a while.");
  }

  get link(): { tone: string; text: string; help: string } {
    if (!this.state.board && !this.state.failure) {
      return {
        tone: "unknown",
        text: _t("Reading"),
        help: _t("The first reading is in progress."),
      };
    }
    if (this.old) {
      return { tone: "danger", text: _t("Not live"), help: _t("The data shown may be outdated.") };
    }
    if (this.bus.workerState === "CONNECTED" || this.bus.workerState === null) {
      return { tone: "success", text: _t("Live"), help: _t("Changes appear automatically.") };
    }
    return {
      tone: "warning",
      text: _t("Exact minutes"),
      help: _t("There is no live connection; the board refreshes every minute."),
    };
  }

  get pager() {
    return {
      offset: this.state.offset,
      limit: PAGE,
      total: this.state.board?.total ?? 0,
      isEditable: false,
      onUpdate: ({ offset }: { offset: number }) => this.show({ offset }),
    };
  }

  // What a person does -----------------------------------------------------------------------------

  retry(): void {
    this.refresher.readNow();
  }

  /** The same counter twice takes the filter off. */
  filter(status: Status | null): void {
    this.show({ status: this.state.status === status ? null : status });
  }

  clearFilters(): void {
    browser.clearTimeout(this.typingTimer);
    this.show({ search: "", status: null });
    this.searchRef.el?.focus();
  }

  setView(view: View): void {
    this.state.view = view;
    browser.localStorage.setItem(VIEW_KEY, view);
  }

  onSearchInput(event: InputEvent): void {
    const search = (event.target as HTMLInputElement).value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(() => this.show({ search }), TYPING_MS);
  }

  onSearchKeydown(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if (event.key === "Enter") {
      browser.clearTimeout(this.typingTimer);
      this.show({ search: input.value });
    } else if (event.key === "Escape" && input.value !== "") {
      event.stopPropagation();
      browser.clearTimeout(this.typingTimer);
      input.value = "";
      this.show({ search: "" });
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.openers[0]?.focus();
    }
  }

  /** `/` goes to the search, unless it is being typed somewhere or a dialog is open. */
  private onShortcut(event: KeyboardEvent): void {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement | null;
    if (target?.closest("input, textarea, select, [contenteditable=true], .modal")) return;
    if (document.querySelector(".modal.show, .o_dialog, .o_command_palette")) return;
    event.preventDefault();
    this.searchRef.el?.focus();
    this.searchRef.el?.select();
  }

  private get openers(): HTMLElement[] {
    return [...this.itemsRef.el?.querySelectorAll<HTMLElement>("[data-device-open]") ?? []];
  }

  /** Up and down walk through the devices without leaving the order of the tab key. */
  onItemsKeydown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const openers = this.openers;
    const at = openers.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    (openers[at + step] ?? (at + step < 0 ? this.searchRef.el : null))?.focus();
  }

  openDevice(deviceId: number, newWindow: boolean): void {
    this.action.doAction(formOf("biometric.device", deviceId), { newWindow });
  }

  async openUnread(deviceId: number): Promise<void> {
    await this.openListOf(deviceId, "action_open_rejects");
  }

  async openGaps(deviceId: number): Promise<void> {
    await this.openListOf(deviceId, "action_open_gaps");
  }

  private async openListOf(deviceId: number, method: string): Promise<void> {
    const action = await this.orm.call("biometric.device", method, [[deviceId]]);
    this.action.doAction(action as Record<string, unknown>);
  }

  openAgent(agentId: number): void {
    this.action.doAction(formOf("biometric.agent", agentId));
  }

  openPairing(): void {
    this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Agents"),
      res_model: "biometric.agent",
      views: [[false, "list"], [false, "form"]],
    });
  }
}

function formOf(model: string, id: number) {
  const views = [[false, "form"]];
  return { type: "ir.actions.act_window", res_model: model, res_id: id, views };
}

registry.category("actions").add("biometric_attendance.device_board", DeviceBoard);
