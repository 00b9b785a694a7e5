// generated from owl_src/device_board/device_item.ts, do not edit
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { clampPercent, countText, spanText } from "../format";
import { storageTone, toneOf } from "./board_data";
import { moment, statusLabel } from "./words";
class DeviceItem extends Component {
  static props = {
    device: Object,
    nowMs: Number,
    locale: String,
    open: Function,
    mayReadUnread: Boolean,
    openUnread: Function,
    openGaps: Function
  };
  get tone() {
    return toneOf(this.props.device.status);
  }
  get statusLabel() {
    return statusLabel(this.props.device.status);
  }
  get since() {
    return this.moment(this.props.device.sinceAt);
  }
  /** Its status leads to the window that is not proven. */
  get hasGap() {
    return this.props.device.status === "gap";
  }
  /** How long the status has held: "for 3 hours". */
  get sinceText() {
    const { device, nowMs, locale } = this.props;
    if (device.sinceAt === null) return "";
    const ageMs = nowMs - device.sinceAt;
    return ageMs < 6e4 ? _t("just now") : _t("for %s", spanText(ageMs, locale));
  }
  get heard() {
    return this.moment(this.props.device.lastHeardAt);
  }
  get punched() {
    return this.moment(this.props.device.lastPunchAt);
  }
  get complete() {
    return this.moment(this.props.device.completeUntil);
  }
  /** Serial, place and agent in one line; a name that repeats the serial is not said twice. */
  get subtitle() {
    const { name, serial, place, agentName, companyName } = this.props.device;
    return [serial === name ? "" : serial, place, agentName, companyName].filter(Boolean).join(" · ");
  }
  /** Width and colour of the memory bar; null where the terminal does not tell its capacity. */
  get storage() {
    const percent = this.props.device.storagePercent;
    if (percent === null) return null;
    const value = Math.round(clampPercent(percent));
    return { text: `${value} %`, width: `width: ${value}%`, tone: storageTone(percent), value };
  }
  count(value) {
    return countText(value, this.props.locale);
  }
  moment(atMs) {
    return moment(atMs, this.props.nowMs, this.props.locale);
  }
  onOpenUnread() {
    this.props.openUnread(this.props.device.id);
  }
  onOpenGaps() {
    this.props.openGaps(this.props.device.id);
  }
  /** Middle button, Ctrl and Cmd open a new window, as they do on a link. */
  onOpen(event) {
    if (event.type === "auxclick" && event.button !== 1) return;
    this.props.open(this.props.device.id, event.button === 1 || event.ctrlKey || event.metaKey);
  }
}
class DeviceCard extends DeviceItem {
  static template = "biometric_attendance.DeviceCard";
}
class DeviceRow extends DeviceItem {
  static template = "biometric_attendance.DeviceRow";
}
export {
  DeviceCard,
  DeviceRow
};
