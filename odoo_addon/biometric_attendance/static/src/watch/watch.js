// generated from owl_src/watch/watch.ts, do not edit
import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
const BEAT_MS = 25e3;
class Watch extends Component {
  static template = xml`
    <span class="d-none" />
  `;
  static props = { ...standardWidgetProps };
  setup() {
    const orm = useService("orm");
    const say = () => {
      const { resModel, resId } = this.props.record;
      if (!resId || document.visibilityState === "hidden") return;
      orm.silent.call(resModel, "watch", [[resId]]).catch(() => {
      });
    };
    let beat;
    onMounted(() => {
      say();
      beat = browser.setInterval(say, BEAT_MS);
    });
    onWillUnmount(() => browser.clearInterval(beat));
  }
}
registry.category("view_widgets").add("biometric_watch", { component: Watch });
export {
  Watch
};
