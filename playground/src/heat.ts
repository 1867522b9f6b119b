// Histograms over time as a heat map; at one instant, or at a column that is clicked, as bars.

import type { RangeResult, VectorResult } from 'ferula';
import { bars, type Scale } from './bars.ts';
import { h } from './dom.ts';
import { tracks, type Track } from './histograms.ts';
import { colour, onTheme } from './theme.ts';
import { axisGap, formatTime, formatValue } from './times.ts';

const LEFT = 76;
const FOOT = 36;
const SHADES = 64;

export interface HeatOptions {
  /** The series, by its name; empty: the first. */
  heat: string;
  /** The axis of the bars. */
  bars: Scale;
}

export class Heat {
  readonly element: HTMLElement;
  #result?: RangeResult | VectorResult;
  #tracks: Track[] = [];
  #bounds: number[] = [];
  /** The step whose bars are shown. */
  #step: number | null = null;
  #series = h('select', { id: 'heat-series', 'aria-label': 'Series of the heat map' });
  #scale = h('select', { id: 'heat-scale', 'aria-label': 'Horizontal axis of the bars' }, h('option', { value: 'rank' }, 'Bounds evenly'), h('option', { value: 'linear' }, 'True to scale'));
  #canvas = h('canvas', { id: 'heat-canvas', class: 'heatmap', role: 'img', tabindex: '0' });
  #readout = h('p', { class: 'note', id: 'heat-readout' });
  #bars = h('div', { id: 'heat-bars' });
  #note = h('p', { class: 'note' });

  constructor(change: (options: Partial<HeatOptions>) => void) {
    this.#series.addEventListener('change', () => {
      change({ heat: this.#track?.name ?? '' });
      this.#draw();
    });
    this.#scale.addEventListener('change', () => {
      change({ bars: this.#scale.value as Scale });
      this.#showBars();
    });
    this.#canvas.addEventListener('pointermove', (event) => this.#read(event));
    this.#canvas.addEventListener('pointerleave', () => this.#hint());
    this.#canvas.addEventListener('click', (event) => this.#choose(this.#stepAt(event)));
    this.#canvas.addEventListener('keydown', (event) => this.#key(event));
    this.element = h('div', { class: 'heat' }, h('div', { class: 'bar' }, this.#series, this.#scale), this.#note, this.#canvas, this.#readout, this.#bars);
    new ResizeObserver(() => this.#paint()).observe(this.#canvas);
    onTheme(() => this.#paint());
  }

  /** Whether there is anything to draw. */
  static suits(result: RangeResult | VectorResult): boolean {
    return result.histograms !== undefined || result.series.some((series) => series.labels.le !== undefined);
  }

  show(result: RangeResult | VectorResult | undefined, { heat, bars: scale }: HeatOptions): void {
    if (result === this.#result) return;
    this.#scale.value = scale;
    this.#result = result;
    this.#step = null;
    this.#tracks = result ? tracks(result) : [];
    this.#series.replaceChildren(...this.#tracks.map((track, i) => h('option', { value: i, selected: track.name === heat }, track.name)));
    this.#draw();
  }

  shown(): void {
    this.#paint();
  }

  get #track(): Track | undefined {
    return this.#tracks[Number(this.#series.value) || 0];
  }

  #draw(): void {
    const track = this.#track;
    const range = this.#result?.kind === 'range';
    this.#note.textContent = track ? '' : 'Histograms are drawn here: native ones, or series with all their le labels.';
    this.#series.hidden = this.#tracks.length < 2;
    this.#canvas.hidden = !track || !range;
    this.#readout.hidden = this.#canvas.hidden;
    const all = new Set<number>();
    for (const histogram of track?.steps ?? []) {
      for (const bucket of histogram?.buckets ?? []) {
        if (bucket.count === 0) continue;
        all.add(bucket.lower);
        all.add(bucket.upper);
      }
    }
    this.#bounds = [...all].sort((a, b) => a - b);
    if (!range) this.#step = track ? 0 : null;
    this.#canvas.setAttribute('aria-label', track ? `Heat map of ${Math.max(0, this.#bounds.length - 1)} buckets over ${track.steps.length} steps: ${track.name}. Arrow keys choose a step.` : 'Heat map');
    this.#hint();
    this.#paint();
    this.#showBars();
  }

  #hint(): void {
    this.#readout.textContent = 'Point at a cell to read it; click to see the histogram at that time.';
  }

  #paint(): void {
    const track = this.#track;
    const width = this.#canvas.clientWidth;
    if (!track || this.#canvas.hidden || width === 0) return;
    const ratio = devicePixelRatio || 1;
    const height = this.#canvas.clientHeight;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const pen = this.#canvas.getContext('2d');
    if (!pen) return;
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    const rows = this.#bounds.length - 1;
    if (rows < 1) return;
    const rank = new Map(this.#bounds.map((bound, i) => [bound, i]));
    const y = (bound: number) => (height - FOOT) * (1 - (rank.get(bound) ?? 0) / rows);
    const cell = (width - LEFT) / track.steps.length;
    let most = 0;
    for (const histogram of track.steps) for (const bucket of histogram?.buckets ?? []) most = Math.max(most, bucket.count);
    // whole pixels, else seams show between the cells
    const snap = (x: number) => Math.round(x * ratio) / ratio;
    const shades = ramp(colour('heat-low'), colour('heat-high'));
    track.steps.forEach((histogram, j) => {
      for (const bucket of histogram?.buckets ?? []) {
        if (!(bucket.count > 0)) continue;
        // the square root, so that a tail of few observations can be seen
        pen.fillStyle = shades[Math.min(SHADES - 1, Math.floor(Math.sqrt(bucket.count / most) * SHADES))];
        const [top, bottom] = [snap(y(bucket.upper)), snap(y(bucket.lower))];
        const [left, right] = [snap(LEFT + j * cell), snap(LEFT + (j + 1) * cell)];
        pen.fillRect(left, top, right - left, bottom - top);
      }
    });
    this.#axes(pen, width, height, y);
    if (this.#step !== null) {
      pen.strokeStyle = colour('text');
      pen.lineWidth = 1;
      pen.strokeRect(LEFT + this.#step * cell, 0.5, Math.max(cell, 2), height - FOOT - 1);
    }
  }

  #axes(pen: CanvasRenderingContext2D, width: number, height: number, y: (bound: number) => number): void {
    pen.fillStyle = colour('muted');
    pen.font = '12px system-ui, sans-serif';
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    let free = Infinity;
    for (const bound of this.#bounds) {
      const at = Math.min(Math.max(y(bound), 7), height - FOOT - 2);
      if (free - at < 18) continue;
      pen.fillText(Number.isFinite(bound) ? String(Number(bound.toPrecision(3))) : bound > 0 ? '+Inf' : '-Inf', LEFT - 8, at);
      free = at;
    }
    if (this.#result?.kind !== 'range') return;
    const { times } = this.#result;
    const [first, last] = [times[0], times[times.length - 1]];
    const cell = (width - LEFT) / times.length;
    // a step can be a range of its own
    const gap = axisGap(((last - first) * 70) / Math.max(width - LEFT, 1));
    pen.textAlign = 'center';
    for (let time = Math.ceil(first / gap) * gap; time <= last; time += gap) {
      const x = LEFT + (last > first ? ((time - first) / (last - first)) * (width - LEFT - cell) + cell / 2 : cell / 2);
      pen.fillText(new Date(time).toISOString().slice(11, gap < 60_000 ? 19 : 16), Math.min(Math.max(x, LEFT + 16), width - 17), height - FOOT + 12);
    }
    pen.textAlign = 'left';
    pen.fillText(new Date(times[0]).toISOString().slice(0, 10), LEFT, height - 8);
  }

  #stepAt(event: MouseEvent): number | null {
    const track = this.#track;
    if (!track) return null;
    const x = event.offsetX - LEFT;
    const step = Math.floor((x / (this.#canvas.clientWidth - LEFT)) * track.steps.length);
    return x >= 0 && step < track.steps.length ? step : null;
  }

  #read(event: PointerEvent): void {
    const step = this.#stepAt(event);
    const rows = this.#bounds.length - 1;
    if (step === null || this.#result?.kind !== 'range' || rows < 1) return this.#hint();
    const from = Math.floor((1 - event.offsetY / (this.#canvas.clientHeight - FOOT)) * rows);
    const low = this.#bounds[Math.min(Math.max(from, 0), rows - 1)];
    const bucket = this.#track?.steps[step]?.buckets.find((b) => b.lower <= low && low < b.upper);
    this.#readout.textContent = `${formatTime(this.#result.times[step])} UTC · ${bucket ? `${bucket.text}: ${formatValue(bucket.count)}` : 'nothing'}`;
  }

  #choose(step: number | null): void {
    if (step === null) return;
    this.#step = step;
    this.#paint();
    this.#showBars();
  }

  #key(event: KeyboardEvent): void {
    const last = (this.#track?.steps.length ?? 1) - 1;
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#choose(Math.min(last, Math.max(0, (this.#step ?? last + (move < 0 ? 1 : -1)) + move)));
  }

  #showBars(): void {
    const step = this.#step;
    this.#scale.hidden = step === null;
    if (step === null) return this.#bars.replaceChildren();
    const histogram = this.#track?.steps[step];
    const result = this.#result;
    const time = result?.kind === 'range' ? result.times[step] : result?.time;
    const title = h('h3', {}, `At ${formatTime(time ?? 0)} UTC`);
    this.#bars.replaceChildren(title, histogram ? bars(histogram, this.#scale.value as Scale) : h('p', {}, 'No histogram here.'));
  }
}

/** Shades between two colours given as `r g b`. */
function ramp(low: string, high: string): string[] {
  const [a, b] = [low, high].map((text) => text.split(' ').map(Number));
  return Array.from({ length: SHADES }, (_, i) => `rgb(${a.map((from, k) => Math.round(from + ((b[k] - from) * i) / (SHADES - 1))).join(' ')})`);
}
