// Results as a table: the exact values, what a screen reader reads, and what is copied.

import type { InstantResult, RangeResult, Series } from 'ferula';
import { bars } from './bars.ts';
import { button, h, later, plural } from './dom.ts';
import { nativeAt, rowsByPoint } from './histograms.ts';
import { filterFor } from './names.ts';
import { exactValue, formatTime, formatValue } from './times.ts';

const ROWS = 500;
/** Samples of a range vector that a cell shows before it is asked for all. */
const SAMPLES = 40;

interface Cell {
  text: string;
  /** What it sorts by, if not the text. */
  number?: number;
  /** Shown instead of the text. */
  node?: () => Node;
}

interface Row {
  text: string;
  labels: Map<string, string>;
  cells: Cell[];
}

interface Model {
  columns: string[];
  rows: Row[];
}

export class Table {
  readonly element: HTMLElement;
  #model: Model = { columns: [], rows: [] };
  #labels: string[] = [];
  #sort?: { column: number; down: boolean };
  #limit = ROWS;
  #filter = h('input', { type: 'search', id: 'table-filter', placeholder: 'Filter rows: text or /pattern/', 'aria-label': 'Filter rows' });
  #count = h('span', { class: 'at', id: 'table-count' });
  #host = h('div', { class: 'scroll', id: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Result as a table' });

  constructor() {
    this.#filter.addEventListener('input', later(120, () => this.#draw()));
    const copy = button('Copy as TSV', () => void this.#copy(), { id: 'table-copy' });
    this.element = h('div', { class: 'table' }, h('div', { class: 'bar' }, this.#filter, copy, this.#count), this.#host);
  }

  show(result: RangeResult | InstantResult | undefined): void {
    this.#model = result ? model(result) : { columns: [], rows: [] };
    this.#sort = undefined;
    this.#limit = ROWS;
    const names = new Set(this.#model.rows.flatMap((row) => [...row.labels.keys()]));
    this.#labels = [...names].sort((a, b) => Number(b === '__name__') - Number(a === '__name__') || (a < b ? -1 : 1));
    this.#draw();
  }

  #selected(): Row[] {
    const matches = filterFor(this.#filter.value) ?? (() => true);
    const rows = this.#model.rows.filter((row) => matches(row.text));
    const sort = this.#sort;
    if (sort) {
      const key = (row: Row): string | number => {
        const cell = row.cells[sort.column - this.#labels.length];
        return sort.column < this.#labels.length ? (row.labels.get(this.#labels[sort.column]) ?? '') : (cell.number ?? cell.text);
      };
      const order = (a: string | number, b: string | number) => (typeof a === 'number' && typeof b === 'number' ? (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b) : String(a).localeCompare(String(b), 'en', { numeric: true }));
      rows.sort((a, b) => order(key(a), key(b)) * (sort.down ? -1 : 1));
    }
    return rows;
  }

  #draw(): void {
    const rows = this.#selected();
    const all = this.#model.rows.length;
    this.#count.textContent = rows.length === all ? plural(all, 'row') : `${rows.length.toLocaleString('en')} of ${plural(all, 'row')}`;
    if (all === 0) {
      this.#host.replaceChildren();
      return;
    }
    const names = [...this.#labels, ...this.#model.columns];
    const head = h('tr', {}, ...names.map((name, column) => this.#header(name, column)));
    const body = h('tbody');
    for (const row of rows.slice(0, this.#limit)) {
      const cells = row.cells.map((cell, i) => h('td', { class: kind(cell.number !== undefined, i) }, cell.node ? cell.node() : cell.text));
      body.append(h('tr', {}, ...this.#labels.map((name) => h('td', {}, row.labels.get(name) ?? '')), ...cells));
    }
    this.#host.replaceChildren(h('table', { id: 'result-table' }, h('thead', {}, head), body));
    if (rows.length > this.#limit) {
      const more = button('Show all', () => {
        this.#limit = Infinity;
        this.#draw();
      });
      this.#host.append(h('p', { class: 'note' }, `The first ${this.#limit} of ${rows.length.toLocaleString('en')} rows. `, more));
    }
  }

  #header(name: string, column: number): HTMLElement {
    const sorted = this.#sort?.column === column ? this.#sort : undefined;
    const number = column >= this.#labels.length && this.#model.rows.some((row) => row.cells[column - this.#labels.length].number !== undefined);
    const sort = () => {
      this.#sort = sorted ? (sorted.down ? undefined : { column, down: true }) : { column, down: false };
      this.#draw();
      (this.#host.querySelectorAll('th button')[column] as HTMLElement | undefined)?.focus();
    };
    const mark = sorted ? (sorted.down ? ' ▼' : ' ▲') : '';
    return h('th', { scope: 'col', class: kind(number, column - this.#labels.length), 'aria-sort': sorted ? (sorted.down ? 'descending' : 'ascending') : 'none' }, button(`${name === '__name__' ? 'metric' : name}${mark}`, sort));
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#tsv());
      this.#count.textContent = 'Copied.';
    } catch {
      this.#count.textContent = 'The browser does not allow copying.';
    }
  }

  #tsv(): string {
    const clean = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
    const lines = this.#selected().map((row) => [...this.#labels.map((name) => row.labels.get(name) ?? ''), ...row.cells.map((cell) => cell.text)]);
    return [[...this.#labels, ...this.#model.columns], ...lines].map((line) => line.map(clean).join('\t')).join('\n');
  }
}

/** The first number is what was asked for: it stays in sight, however many labels there are. */
const kind = (number: boolean, column: number) => (number ? (column === 0 ? 'number stays' : 'number') : '');
const labelsOf = (series: Series) => new Map([...(series.name ? [['__name__', series.name] as const] : []), ...Object.entries(series.labels)]);
const float = (value: number): Cell => ({ text: exactValue(value), number: value });

function model(result: RangeResult | InstantResult): Model {
  switch (result.kind) {
    case 'scalar':
      return { columns: ['value'], rows: [{ text: 'scalar', labels: new Map(), cells: [float(result.value)] }] };
    case 'string':
      return { columns: ['value'], rows: [{ text: result.value, labels: new Map(), cells: [{ text: result.value }] }] };
    case 'vector': {
      const rows = rowsByPoint(result.histograms);
      return {
        columns: ['value'],
        rows: result.series.map((series, i) => ({ text: series.text, labels: labelsOf(series), cells: [point(result, rows, i)] })),
      };
    }
    case 'matrix':
      return matrix(result);
    case 'range':
      return range(result);
  }
}

type Points = Pick<RangeResult, 'values' | 'present' | 'histograms'>;

/** A float, or a histogram that unfolds. */
function point(result: Points, rows: Map<number, number>, at: number): Cell {
  const row = rows.get(at);
  if (row === undefined || !result.histograms) return result.present[at] === 0 ? { text: '' } : float(result.values[at]);
  const histogram = nativeAt(result.histograms, row);
  const text = `{count:${exactValue(histogram.total)}, sum:${exactValue(histogram.sum)}, ${histogram.buckets.map((b) => `${b.text}:${exactValue(b.count)}`).join(', ')}}`;
  const short = `histogram: count ${formatValue(histogram.total)}, sum ${formatValue(histogram.sum)}`;
  const node = () => {
    const details = h('details', { class: 'unfolds' }, h('summary', {}, short));
    details.addEventListener('toggle', () => details.open && details.childElementCount === 1 && details.append(bars(histogram)));
    return details;
  };
  return { text, node };
}

function matrix(result: Extract<InstantResult, { kind: 'matrix' }>): Model {
  const rows = rowsByPoint(result.histograms);
  return {
    columns: ['samples', 'value @ time'],
    rows: result.series.map((series, i) => {
      const [from, to] = [result.offset[i], result.offset[i + 1]];
      const line = (k: number) => `${point(result, rows, k).text} @ ${formatTime(result.times[k])}`;
      const lines = (first: number, end: number) => Array.from({ length: end - first }, (_, k) => line(first + k));
      const node = () => {
        const list = h('div', { class: 'samples' }, lines(from, Math.min(to, from + SAMPLES)).join('\n'));
        if (to - from <= SAMPLES) return list;
        const more = button(`${(to - from - SAMPLES).toLocaleString('en')} more`, () => {
          list.textContent = lines(from, to).join('\n');
          more.remove();
        });
        return h('div', {}, list, more);
      };
      return { text: series.text, labels: labelsOf(series), cells: [{ text: String(to - from), number: to - from }, { text: lines(from, to).join('; '), node }] };
    }),
  };
}

function range(result: RangeResult): Model {
  const steps = result.times.length;
  const rows = rowsByPoint(result.histograms);
  return {
    columns: ['last', 'min', 'max', 'mean', 'points'],
    rows: result.series.map((series, i) => {
      let [low, high, sum, floats, points, last] = [Infinity, -Infinity, 0, 0, 0, -1];
      for (let k = i * steps; k < (i + 1) * steps; k += 1) {
        if (result.present[k] === 0) continue;
        points += 1;
        last = k;
        const value = result.values[k];
        if (result.present[k] === 2 || Number.isNaN(value)) continue;
        floats += 1;
        sum += value;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      const whole = (value: number): Cell => (floats > 0 ? { text: exactValue(value), number: value, node: () => document.createTextNode(formatValue(value)) } : { text: '' });
      return {
        text: series.text,
        labels: labelsOf(series),
        cells: [last < 0 ? { text: '' } : point(result, rows, last), whole(low), whole(high), whole(sum / floats), { text: String(points), number: points }],
      };
    }),
  };
}
