/**
 * The view widget `biometric_watch`: says, while a form is open and seen, that somebody watches its
 * record, so that the branch's agent asks for orders every second instead of every ten. Shows nothing.
 * Owns when to say it; what it means is the model's `watch`. A call that fails is not told: only the
 * next order is slower.
 */
import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Ms between two words; the server takes somebody for gone after a minute. */
const BEAT_MS = 25_000;

interface Props {
  readonly record: { readonly resModel: string; readonly resId: number | false };
}

export class Watch extends Component<Props> {
  static override template = xml`
    <span class="d-none" />
  `;
  static override props = { ...standardWidgetProps };

  override setup(): void {
    const orm = useService("orm");
    const say = () => {
      const { resModel, resId } = this.props.record;
      if (!resId || document.visibilityState === "hidden") return;
      orm.silent.call(resModel, "watch", [[resId]]).catch(() => {});
    };
    let beat: number;
    onMounted(() => {
      say();
      beat = browser.setInterval(say, BEAT_MS);
    });
    onWillUnmount(() => browser.clearInterval(beat));
  }
}

registry.category("view_widgets").add("biometric_watch", { component: Watch });
