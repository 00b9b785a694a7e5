/**
 * One chart with its numbers: Odoo's own Chart.js, loaded when the first chart is shown, and a table of
 * the same numbers for the keyboard, for screen readers and for who wants to read them off.
 *
 * Owns how numbers are drawn. A click on a bar, a point or a number says which one it was. Must not
 * know what they count or what opens.
 */
import {
  Component,
  onMounted,
  onWillUnmount,
  onWillUpdateProps,
  useRef,
  useState,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { type ChartLine, chartOf } from "./chart_config.ts";

interface Props {
  readonly title: string;
  /** What the chart says, for who cannot see it. */
  readonly summary: string;
  readonly labels: readonly string[];
  readonly lines: readonly ChartLine[];
  readonly stacked?: boolean;
  readonly isTime?: boolean;
  readonly format: (value: number) => string;
  readonly open: (line: number, point: number) => void;
}

export class ChartCard extends Component<Props> {
  static override template = "biometric_attendance.TodayChart";
  static override props = {
    title: String,
    summary: String,
    labels: Array,
    lines: Array,
    stacked: { type: Boolean, optional: true },
    isTime: { type: Boolean, optional: true },
    format: Function,
    open: Function,
  };

  declare state: { missing: boolean; table: boolean };
  declare private canvas: { readonly el: HTMLCanvasElement | null };
  declare private chart: ChartObject | null;

  override setup(): void {
    this.state = useState({ missing: false, table: false });
    this.canvas = useRef("canvas");
    this.chart = null;
    let here = true;
    onMounted(async () => {
      try {
        await loadBundle("web.chartjs_lib");
      } catch {
        // Without the library the numbers stand in the table.
        if (here) Object.assign(this.state, { missing: true, table: true });
        return;
      }
      if (here) this.draw(this.props);
    });
    onWillUpdateProps((next: Props) => {
      if (this.chart) this.draw(next);
    });
    onWillUnmount(() => {
      here = false;
      this.chart?.destroy();
    });
  }

  get hasNumbers(): boolean {
    return this.props.lines.some(({ values }) => values.some((value) => value));
  }

  toggleTable(): void {
    this.state.table = !this.state.table;
  }

  private draw(props: Props): void {
    const scheme = cookie.get("color_scheme");
    const style = getComputedStyle(document.body);
    const config = chartOf(props, {
      fill: (number, of) => getColor(number, scheme, Math.max(of, 1)),
      text: style.color,
      grid: style.getPropertyValue("--border-color") || "#8884",
    });
    // Bars that are kept keep their place: a redraw while somebody points at one would move it away.
    if (this.chart) {
      this.chart.data = config.data;
      this.chart.update("none");
    } else if (this.canvas.el) {
      this.chart = new Chart(this.canvas.el, config);
    }
  }
}
