// The graph of a range: lines or stacked areas, linear or logarithmic, with a legend that filters.

import type { RangeResult } from 'ferula';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { button, h, later, plural } from './dom.ts';
import { filterFor, nameSeries, type Names } from './names.ts';
import { colour, onTheme } from './theme.ts';
import { axisValue, formatTime, formatValue } from './times.ts';

/** How many series are drawn unless all are asked for. */
const DRAWN = 50;
export const HUES = 8;

export interface GraphOptions {
  stacked: boolean;
  log: boolean;
  filter: string;
  hidden: string[];
}

export interface GraphEvents {
  change(options: Partial<GraphOptions>): void;
  /** A stretch of time was drawn over, ms. */
  zoom(start: number, end: number): void;
  unzoom(): void;
}

const DAY = '{YYYY}-{MM}-{DD}';
const AXIS_TIMES: uPlot.Axis.Values = [
  [86_400, DAY, null, null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', `\n${DAY}`, null, `\n${DAY}`, null, null, null, 1],
  [60, '{HH}:{mm}', `\n${DAY}`, null, `\n${DAY}`, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', `\n${DAY}`, null, `\n${DAY}`, null, null, null, 1],
  [0.001, ':{ss}.{fff}', `\n${DAY} {HH}:{mm}`, null, `\n${DAY} {HH}:{mm}`, null, null, null, 1],
];

export class Graph {
  readonly element: HTMLElement;
  #events: GraphEvents;
  #options: GraphOptions = { stacked: false, log: false, filter: '', hidden: [] };
  #result?: RangeResult;
  #names: Names = { each: [], common: '' };
  #columns: (number | null)[][] = [];
  #plot?: uPlot;
  #all = false;
  /** The series that are drawn, in the order of the plot's. */
  #drawn: number[] = [];

  #canvas = h('div', { id: 'graph-canvas', class: 'plot', role: 'img' });
  #note = h('p', { class: 'note', id: 'graph-note' });
  #common = h('p', { class: 'common' });
  #legend = h('ul', { class: 'legend', id: 'legend', 'aria-label': 'Series' });
  #values: (HTMLElement | undefined)[] = [];
  #time = h('span', { class: 'at', id: 'legend-time' });
  #filter = h('input', { type: 'search', id: 'legend-filter', placeholder: 'Filter series: text or /pattern/', 'aria-label': 'Filter series' });
  #stacked = h('input', { type: 'checkbox', id: 'graph-stacked' });
  #log = h('input', { type: 'checkbox', id: 'graph-log' });
  #out = button('Zoom out', () => this.#events.unzoom(), { id: 'zoom-out', hidden: true });

  constructor(events: GraphEvents) {
    this.#events = events;
    const check = (input: HTMLInputElement, text: string) => h('label', { class: 'check' }, input, text);
    const filter = later(120, () => this.#set({ filter: this.#filter.value }));
    this.#filter.addEventListener('input', filter);
    this.#stacked.addEventListener('change', () => this.#set({ stacked: this.#stacked.checked }));
    this.#log.addEventListener('change', () => this.#set({ log: this.#log.checked }));
    this.element = h(
      'div',
      { class: 'graph' },
      h('div', { class: 'bar' }, check(this.#stacked, 'Stacked'), check(this.#log, 'Logarithmic'), this.#filter, this.#out),
      // above the lines, so that they stay where they are when it comes
      h('div', { class: 'under-time' }, this.#time, this.#canvas),
      this.#note,
      this.#common,
      this.#legend,
    );
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
    onTheme(() => this.#draw());
  }

  show(result: RangeResult | undefined, options: GraphOptions): void {
    const changed = result !== this.#result;
    this.#options = options;
    this.#stacked.checked = options.stacked;
    this.#log.checked = options.log;
    if (this.#filter.value !== options.filter) this.#filter.value = options.filter;
    if (changed) {
      this.#result = result;
      this.#all = false;
      this.#names = nameSeries(result?.series ?? []);
      this.#columns = [];
    }
    this.#draw();
  }

  /** Offers the way back from a stretch that was drawn over. */
  zoomed(on: boolean): void {
    this.#out.hidden = !on;
  }

  /** Draws again, if it was hidden before and has no size yet. */
  shown(): void {
    this.#resize();
  }

  #set(options: Partial<GraphOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#events.change(options);
    this.#draw();
  }

  /** What can be drawn of a series: finite floats; the rest are gaps. */
  #column(index: number): (number | null)[] {
    const { times, values, present } = this.#result as RangeResult;
    let column = this.#columns[index];
    if (!column) {
      const from = index * times.length;
      column = Array.from(times, (_, j) => (present[from + j] === 1 && Number.isFinite(values[from + j]) ? values[from + j] : null));
      this.#columns[index] = column;
    }
    return column;
  }

  #isHidden(index: number): boolean {
    return this.#options.hidden.includes(this.#result?.series[index].text ?? '');
  }

  #draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const result = this.#result;
    this.#canvas.hidden = !result || result.series.length === 0;
    if (!result) {
      this.#legend.replaceChildren();
      this.#note.textContent = '';
      this.#common.textContent = '';
      return;
    }
    const matches = filterFor(this.#options.filter);
    this.#filter.setAttribute('aria-invalid', String(!matches));
    const listed = result.series.map((_, i) => i).filter((i) => !matches || matches(result.series[i].text));
    const most = this.#all ? listed : listed.slice(0, DRAWN);
    this.#drawn = most.filter((i) => !this.#isHidden(i));
    this.#listSeries(most, listed.length);
    this.#plotSeries(result);
    this.#showValues(null);
  }

  #plotSeries(result: RangeResult): void {
    const { stacked, log } = this.#options;
    const columns = this.#drawn.map((i) => this.#column(i));
    const lines = stacked ? stack(columns) : columns;
    const data = [Array.from(result.times, (t) => t / 1000), ...lines.map((line) => (log ? line.map((v) => (v !== null && v > 0 ? v : null)) : line))];
    const any = data.slice(1).some((line) => line.some((v) => v !== null));
    this.#describe(result, columns, any);
    if (result.series.length === 0) return;
    const stroke = colour('muted');
    const grid = { stroke: colour('line'), width: 1 };
    const hue = (i: number) => colour(`hue-${i % HUES}`);
    const single = result.times.length === 1;
    this.#plot = new uPlot(
      {
        width: Math.max(this.#canvas.clientWidth, 50),
        height: this.#height(),
        tzDate: (t) => uPlot.tzDate(new Date(t * 1000), 'Etc/UTC'),
        legend: { show: false },
        cursor: { focus: { prox: 24 }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => { this.#events.unzoom(); return null; } } },
        focus: { alpha: stacked ? 1 : 0.3 },
        scales: { y: log && any ? { distr: 3, log: 10 } : {}, x: single ? { range: (_u, min) => [min - 60, min + 60] } : {} },
        axes: [
          { stroke, grid, ticks: grid, space: 72, values: AXIS_TIMES, font: '12px system-ui, sans-serif' },
          { stroke, grid, ticks: grid, size: 64, values: (_u, ticks) => ticks.map((v) => (v === null ? '' : axisValue(v))), font: '12px system-ui, sans-serif' },
        ],
        series: [
          {},
          ...this.#drawn.map((i, n) => ({
            label: this.#names.each[i],
            stroke: hue(i),
            width: stacked ? 1 : 1.75,
            dash: Math.floor(i / HUES) % 2 === 1 ? [6, 4] : undefined,
            fill: stacked ? `${hue(i)}${n === 0 ? '59' : '00'}` : undefined,
            points: { show: single ? true : undefined, size: 5 },
          })),
        ],
        bands: stacked ? this.#drawn.slice(1).map((i, n) => ({ series: [n + 2, n + 1] as [number, number], fill: `${hue(i)}59` })) : [],
        hooks: {
          setCursor: [(u) => this.#showValues(u.cursor.idx ?? null)],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              const [from, to] = [u.select.left, u.select.left + u.select.width].map((x) => Math.round(u.posToVal(x, 'x') * 1000));
              if (to > from) this.#events.zoom(from, to);
            },
          ],
        },
      },
      data as uPlot.AlignedData,
      this.#canvas,
    );
  }

  #describe(result: RangeResult, columns: (number | null)[][], any: boolean): void {
    const { times, present, values } = result;
    let odd = 0;
    let histograms = 0;
    for (let i = 0; i < present.length; i += 1) {
      if (present[i] === 2) histograms += 1;
      else if (present[i] === 1 && !Number.isFinite(values[i])) odd += 1;
    }
    const notes: string[] = [];
    if (histograms > 0) notes.push(`${plural(histograms, 'point')} ${histograms === 1 ? 'is a histogram' : 'are histograms'}: see the heat map.`);
    if (odd > 0) notes.push(`${plural(odd, 'point')} without a finite value: see the table.`);
    if (this.#options.log && !any && histograms === 0 && result.series.length > 0) notes.push('Nothing is above 0, so a logarithmic axis shows nothing.');
    this.#note.textContent = notes.join(' ');
    let low = Infinity;
    let high = -Infinity;
    for (const column of columns) {
      for (const v of column) {
        if (v === null) continue;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    const span = times.length > 0 ? `from ${formatTime(times[0])} to ${formatTime(times[times.length - 1])} UTC` : '';
    const reach = low <= high ? `, values between ${formatValue(low)} and ${formatValue(high)}` : '';
    this.#canvas.setAttribute('aria-label', `Graph of ${plural(this.#drawn.length, 'series', 'series')} ${span}${reach}. The table has the same values.`);
  }

  #listSeries(indices: number[], matching: number): void {
    const { each, common } = this.#names;
    this.#common.textContent = common ? `All: ${common}` : '';
    this.#values = [];
    const items = indices.map((i) => {
      const value = h('span', { class: 'value' });
      this.#values[i] = value;
      const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
      swatch.style.borderTop = `3px ${Math.floor(i / HUES) % 2 === 1 ? 'dashed' : 'solid'} var(--hue-${i % HUES})`;
      const row = h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(!this.#isHidden(i)),
          title: 'Click: only this one; again: all. With Ctrl or Shift: this one on or off.',
          onclick: (event: MouseEvent) => this.#pick(i, indices, event.ctrlKey || event.metaKey || event.shiftKey),
        },
        swatch,
        h('span', { class: 'name' }, each[i] || '{}'),
        value,
      );
      return h('li', {}, row);
    });
    if (matching > indices.length) {
      const more = button(`Draw all ${matching.toLocaleString('en')} series`, () => {
        this.#all = true;
        this.#draw();
      });
      items.push(h('li', {}, h('span', {}, `${indices.length} of ${matching.toLocaleString('en')} are drawn. `), more));
    } else if (matching === 0 && (this.#result?.series.length ?? 0) > 0) {
      items.push(h('li', {}, 'No series matches the filter.'));
    }
    this.#legend.replaceChildren(...items);
  }

  #pick(index: number, listed: number[], toggle: boolean): void {
    const texts = (indices: number[]) => indices.map((i) => this.#result?.series[i].text ?? '');
    const shown = listed.filter((i) => !this.#isHidden(i));
    let hidden: number[];
    if (toggle) hidden = this.#isHidden(index) ? listed.filter((i) => this.#isHidden(i) && i !== index) : [...listed.filter((i) => this.#isHidden(i)), index];
    else hidden = shown.length === 1 && shown[0] === index ? [] : listed.filter((i) => i !== index);
    const focused = listed.indexOf(index);
    this.#set({ hidden: texts(hidden) });
    (this.#legend.children[focused]?.firstElementChild as HTMLElement | null)?.focus();
  }

  /** Values in the legend: at the cursor, else the last ones. */
  #showValues(at: number | null): void {
    const result = this.#result;
    if (!result) return;
    const n = result.times.length;
    this.#time.textContent = at === null || at >= n ? '' : `${formatTime(result.times[at])} UTC`;
    this.#values.forEach((cell, i) => {
      if (!cell) return;
      const column = this.#column(i);
      const value = at === null ? column.findLast((v) => v !== null) : column[at];
      cell.textContent = value === null || value === undefined ? '–' : formatValue(value);
    });
  }

  #height(): number {
    return innerWidth < 700 ? 240 : 320;
  }

  #resize(): void {
    const width = this.#canvas.clientWidth;
    if (this.#plot && width > 50 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#height() });
  }
}

/** Each line on top of those before it; what is missing adds nothing. */
function stack(columns: (number | null)[][]): (number | null)[][] {
  const sum: number[] = [];
  return columns.map((column) =>
    column.map((value, j) => {
      sum[j] = (sum[j] ?? 0) + (value ?? 0);
      return sum[j];
    }),
  );
}
