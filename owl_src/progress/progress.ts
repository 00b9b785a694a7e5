/**
 * The view widget `biometric_progress`: reads its record again while something is on its way.
 *
 * A bus message of an order brings the news at once; a slow beat stays below it, because a browser may
 * have no bus. Owns nothing but when to read. The record says by `is_open` whether there is anything to
 * wait for. Must not know what is shown.
 */
import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const BUS_TYPE = "biometric_attendance/command";
/** Ms between two readings without any message. */
const BEAT_MS = 3_000;

interface Props {
  readonly record: {
    readonly data: Readonly<Record<string, unknown>>;
    load(): Promise<unknown>;
  };
}

export class Progress extends Component<Props> {
  static override template = "biometric_attendance.Progress";
  static override props = { ...standardWidgetProps };

  private reading = false;

  override setup(): void {
    const bus = useService("bus_service");
    const read = () => void this.read();
    let beat: number;
    onMounted(() => {
      bus.subscribe(BUS_TYPE, read);
      bus.start().catch(() => {});
      beat = browser.setInterval(read, BEAT_MS);
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, read);
      browser.clearInterval(beat);
    });
  }

  get isOpen(): boolean {
    return this.props.record.data["is_open"] === true;
  }

  /** One reading at a time; what fails is said by the web client, the beat goes on. */
  private async read(): Promise<void> {
    if (!this.isOpen || this.reading) return;
    this.reading = true;
    try {
      await this.props.record.load();
    } finally {
      this.reading = false;
    }
  }
}

registry.category("view_widgets").add("biometric_progress", { component: Progress });
