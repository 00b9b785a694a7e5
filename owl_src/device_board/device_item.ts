/**
 * One device on the board, as a card or as a row of the list.
 *
 * Owns how the facts of a device read; both forms share the getters and differ in the template only.
 * Must not know where the facts come from or what opening a device does.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { clampPercent, countText, spanText } from "../format.ts";
import { type DeviceFacts, storageTone, type Tone, toneOf } from "./board_data.ts";
import { type Moment, moment, statusLabel } from "./words.ts";

interface Props {
  device: DeviceFacts;
  /** The server's clock now, in milliseconds. */
  nowMs: number;
  locale: string;
  open: (deviceId: number, newWindow: boolean) => void;
  mayReadUnread: boolean;
  openUnread: (deviceId: number) => void;
  openGaps: (deviceId: number) => void;
}

class DeviceItem extends Component<Props> {
  static override props = {
    device: Object,
    nowMs: Number,
    locale: String,
    open: Function,
    mayReadUnread: Boolean,
    openUnread: Function,
    openGaps: Function,
  };

  get tone(): Tone {
    return toneOf(this.props.device.status);
  }

  get statusLabel(): string {
    return statusLabel(this.props.device.status);
  }

  get since(): Moment | null {
    return this.moment(this.props.device.sinceAt);
  }

  /** Its status leads to the window that is not proven. */
  get hasGap(): boolean {
    return this.props.device.status === "gap";
  }

  /** How long the status has held: "for 3 hours". */
  get sinceText(): string {
    const { device, nowMs, locale } = this.props;
    if (device.sinceAt === null) return "";
    const ageMs = nowMs - device.sinceAt;
    return ageMs < 60_000 ? _t("just now") : _t("for %s", spanText(ageMs, locale));
  }

  get heard(): Moment | null {
    return this.moment(this.props.device.lastHeardAt);
  }

  get punched(): Moment | null {
    return this.moment(this.props.device.lastPunchAt);
  }

  get complete(): Moment | null {
    return this.moment(this.props.device.completeUntil);
  }

  /** Serial, place and agent in one line; a name that repeats the serial is not said twice. */
  get subtitle(): string {
    const { name, serial, place, agentName, companyName } = this.props.device;
    return [serial === name ? "" : serial, place, agentName, companyName].filter(Boolean)
      .join(" · ");
  }

  /** Width and colour of the memory bar; null where the terminal does not tell its capacity. */
  get storage(): { text: string; width: string; tone: Tone; value: number } | null {
    const percent = this.props.device.storagePercent;
    if (percent === null) return null;
    const value = Math.round(clampPercent(percent));
    return { text: `${value} %`, width: `width: ${value}%`, tone: storageTone(percent), value };
  }

  count(value: number): string {
    return countText(value, this.props.locale);
  }

  private moment(atMs: number | null): Moment | null {
    return moment(atMs, this.props.nowMs, this.props.locale);
  }

  onOpenUnread(): void {
    this.props.openUnread(this.props.device.id);
  }

  onOpenGaps(): void {
    this.props.openGaps(this.props.device.id);
  }

  /** Middle button, Ctrl and Cmd open a new window, as they do on a link. */
  onOpen(event: MouseEvent): void {
    if (event.type === "auxclick" && event.button !== 1) return;
    this.props.open(this.props.device.id, event.button === 1 || event.ctrlKey || event.metaKey);
  }
}

export class DeviceCard extends DeviceItem {
  static override template = "biometric_attendance.DeviceCard";
}

export class DeviceRow extends DeviceItem {
  static override template = "biometric_attendance.DeviceRow";
}
