// generated from owl_src/progress/progress.ts, do not edit
import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
const BUS_TYPE = "biometric_attendance/command";
const BEAT_MS = 3e3;
class Progress extends Component {
  static template = "biometric_attendance.Progress";
  static props = { ...standardWidgetProps };
  reading = false;
  setup() {
    const bus = useService("bus_service");
    const read = () => void this.read();
    let beat;
    onMounted(() => {
      bus.subscribe(BUS_TYPE, read);
      bus.start().catch(() => {
      });
      beat = browser.setInterval(read, BEAT_MS);
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, read);
      browser.clearInterval(beat);
    });
  }
  get isOpen() {
    return this.props.record.data["is_open"] === true;
  }
  /** One reading at a time; what fails is said by the web client, the beat goes on. */
  async read() {
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
export {
  Progress
};
