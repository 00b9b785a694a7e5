// generated from owl_src/today/chart_card.ts, do not edit
import {
  Component,
  onMounted,
  onWillUnmount,
  onWillUpdateProps,
  useRef,
  useState
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { chartOf } from "./chart_config";
class ChartCard extends Component {
  static template = "biometric_attendance.TodayChart";
  static props = {
    title: String,
    summary: String,
    labels: Array,
    lines: Array,
    stacked: { type: Boolean, optional: true },
    isTime: { type: Boolean, optional: true },
    format: Function,
    open: Function
  };
  setup() {
    this.state = useState({ missing: false, table: false });
    this.canvas = useRef("canvas");
    this.chart = null;
    let here = true;
    onMounted(async () => {
      try {
        await loadBundle("web.chartjs_lib");
      } catch {
        if (here) Object.assign(this.state, { missing: true, table: true });
        return;
      }
      if (here) this.draw(this.props);
    });
    onWillUpdateProps((next) => {
      if (this.chart) this.draw(next);
    });
    onWillUnmount(() => {
      here = false;
      this.chart?.destroy();
    });
  }
  get hasNumbers() {
    return this.props.lines.some(({ values }) => values.some((value) => value));
  }
  toggleTable() {
    this.state.table = !this.state.table;
  }
  draw(props) {
    const scheme = cookie.get("color_scheme");
    const style = getComputedStyle(document.body);
    const config = chartOf(props, {
      fill: (number, of) => getColor(number, scheme, Math.max(of, 1)),
      text: style.color,
      grid: style.getPropertyValue("--border-color") || "#8884"
    });
    if (this.chart) {
      this.chart.data = config.data;
      this.chart.update("none");
    } else if (this.canvas.el) {
      this.chart = new Chart(this.canvas.el, config);
    }
  }
}
export {
  ChartCard
};
