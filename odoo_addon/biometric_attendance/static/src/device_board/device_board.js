// generated from owl_src/device_board/device_board.ts, do not edit
import {
  Component,
  onMounted,
  onWillUnmount,
  useEffect,
  useExternalListener,
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
import { countText, usableLocale } from "../format";
import { CLOCK } from "../kept_read";
import { Refresher, withDeadline } from "../refresher";
import { AgentStrip } from "./agent_strip";
import {
  isFirstRun,
  isStale,
  offsetWithin,
  readBoard,
  STATUSES,
  toneOf
} from "./board_data";
import { DeviceCard, DeviceRow } from "./device_item";
import { askRights } from "./rights";
import { failureText, moment, statusHelp, statusLabel } from "./words";
const PAGE = 80;
const BUS_TYPE = "biometric_attendance/board";
const TIMES = { delayMs: 400, gapMs: 2e3, beatMs: 6e4 };
const DEADLINE_MS = 3e4;
const TYPING_MS = 250;
const TICK_MS = 15e3;
const VIEW_KEY = "biometric_attendance.board_view";
class DeviceBoard extends Component {
  static template = "biometric_attendance.DeviceBoard";
  static components = { Layout, Pager, AgentStrip, DeviceCard, DeviceRow };
  static props = { ...standardActionServiceProps };
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.bus = useService("bus_service");
    this.ui = useService("ui");
    this.locale = usableLocale(user.lang);
    this.searchRef = useRef("search");
    this.itemsRef = useRef("items");
    const nowMs = Date.now();
    this.state = useState({
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
      mayReadUnread: false
    });
    useSetupAction({
      getLocalState: () => ({
        search: this.state.search,
        status: this.state.status,
        offset: this.state.offset
      })
    });
    this.refresher = new Refresher(() => this.read(), TIMES, CLOCK);
    this.listen();
  }
  listen() {
    const changed = () => this.refresher.request();
    let tick;
    onMounted(() => {
      this.bus.subscribe(BUS_TYPE, changed);
      this.bus.start().catch(() => {
      });
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
    useExternalListener(window, "keydown", (event) => this.onShortcut(event));
    let wasConnected = this.bus.workerState === "CONNECTED";
    useEffect((connected) => {
      if (connected && !wasConnected) changed();
      wasConnected = connected;
    }, () => [this.bus.workerState === "CONNECTED"]);
  }
  /** One reading; leaves its result or its failure in the state and never rejects. */
  async read() {
    if (document.hidden && this.state.board) return;
    const { search, status, offset } = this.state;
    const askedAtMs = Date.now();
    try {
      const answer = await withDeadline(
        this.orm.silent.call("biometric.device", "get_board_data", [], {
          limit: PAGE,
          offset,
          search: search.trim(),
          status
        }),
        DEADLINE_MS,
        CLOCK
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
  stillAsking(search, status, offset) {
    const now = this.state;
    return search === now.search && status === now.status && offset === now.offset;
  }
  /** Asks for something else; a change of search or status begins at the first page. */
  show(wanted) {
    Object.assign(this.state, { offset: 0 }, wanted);
    this.refresher.readNow();
  }
  // What the template reads ------------------------------------------------------------------------
  get phase() {
    const { board, failure, search, status } = this.state;
    if (!board) return failure ? "failed" : "loading";
    if (board.devices.length > 0) return "ready";
    if (isFirstRun(board, search, status)) return "first_run";
    return search.trim() || status ? "no_match" : "no_device";
  }
  /** The server's clock now: instants of the board are compared with it, not with the browser's. */
  get nowMs() {
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
      pressed: this.state.status === status
    }));
  }
  get allCount() {
    const counts = this.state.board?.counts;
    if (!counts) return "–";
    return countText(Object.values(counts).reduce((sum, n) => sum + n, 0), this.locale);
  }
  get resultText() {
    const total = this.state.board?.total ?? 0;
    return total === 1 ? _t("1 terminal") : _t("%s terminals", countText(total, this.locale));
  }
  get asCards() {
    return this.ui.isSmall || this.state.view === "cards";
  }
  /** True when what is shown may no longer be so: then nothing on the board looks healthy. */
  get old() {
    const { failure, online, readAtMs, nowMs } = this.state;
    return failure !== null || !online || isStale(readAtMs, nowMs);
  }
  get readAt() {
    return moment(this.state.readAtMs, this.state.nowMs, this.locale);
  }
  get notice() {
    if (!this.state.online) return _t("This computer is offline.");
    return this.state.failure ?? _t("The board has not been refreshed for a while.");
  }
  get link() {
    if (!this.state.board && !this.state.failure) {
      return {
        tone: "unknown",
        text: _t("Reading"),
        help: _t("The first reading is in progress.")
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
      help: _t("There is no live connection; the board refreshes every minute.")
    };
  }
  get pager() {
    return {
      offset: this.state.offset,
      limit: PAGE,
      total: this.state.board?.total ?? 0,
      isEditable: false,
      onUpdate: ({ offset }) => this.show({ offset })
    };
  }
  // What a person does -----------------------------------------------------------------------------
  retry() {
    this.refresher.readNow();
  }
  /** The same counter twice takes the filter off. */
  filter(status) {
    this.show({ status: this.state.status === status ? null : status });
  }
  clearFilters() {
    browser.clearTimeout(this.typingTimer);
    this.show({ search: "", status: null });
    this.searchRef.el?.focus();
  }
  setView(view) {
    this.state.view = view;
    browser.localStorage.setItem(VIEW_KEY, view);
  }
  onSearchInput(event) {
    const search = event.target.value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(() => this.show({ search }), TYPING_MS);
  }
  onSearchKeydown(event) {
    const input = event.target;
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
  onShortcut(event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target?.closest("input, textarea, select, [contenteditable=true], .modal")) return;
    if (document.querySelector(".modal.show, .o_dialog, .o_command_palette")) return;
    event.preventDefault();
    this.searchRef.el?.focus();
    this.searchRef.el?.select();
  }
  get openers() {
    return [...this.itemsRef.el?.querySelectorAll("[data-device-open]") ?? []];
  }
  /** Up and down walk through the devices without leaving the order of the tab key. */
  onItemsKeydown(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === void 0) return;
    const openers = this.openers;
    const at = openers.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    (openers[at + step] ?? (at + step < 0 ? this.searchRef.el : null))?.focus();
  }
  openDevice(deviceId, newWindow) {
    this.action.doAction(formOf("biometric.device", deviceId), { newWindow });
  }
  async openUnread(deviceId) {
    await this.openListOf(deviceId, "action_open_rejects");
  }
  async openGaps(deviceId) {
    await this.openListOf(deviceId, "action_open_gaps");
  }
  async openListOf(deviceId, method) {
    const action = await this.orm.call("biometric.device", method, [[deviceId]]);
    this.action.doAction(action);
  }
  openAgent(agentId) {
    this.action.doAction(formOf("biometric.agent", agentId));
  }
  openPairing() {
    this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Agents"),
      res_model: "biometric.agent",
      views: [[false, "list"], [false, "form"]]
    });
  }
}
function formOf(model, id) {
  const views = [[false, "form"]];
  return { type: "ir.actions.act_window", res_model: model, res_id: id, views };
}
registry.category("actions").add("biometric_attendance.device_board", DeviceBoard);
export {
  DeviceBoard
};
