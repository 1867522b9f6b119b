// Histograms as the heat map and the bar chart want them, from native ones or from classic buckets.

import type { HistogramColumns, RangeResult, Series, VectorResult } from 'ferula';

export interface Bucket {
  lower: number;
  upper: number;
  count: number;
  /** As people write intervals: `(0.5, 1]`. */
  text: string;
}

export interface Histogram {
  buckets: Bucket[];
  sum: number;
  total: number;
}

/** Histograms of one series, one for each step; undefined where there is none. */
export interface Track {
  name: string;
  steps: (Histogram | undefined)[];
}

const OPEN = ['(', '[', '(', '['];
const CLOSE = [']', ')', ')', ']'];
const bound = (x: number) => (Number.isFinite(x) ? String(Number(x.toPrecision(5))) : x > 0 ? '+Inf' : '-Inf');

function interval(lower: number, upper: number, bounds: number): string {
  return `${OPEN[bounds] ?? '('}${bound(lower)}, ${bound(upper)}${CLOSE[bounds] ?? ']'}`;
}

/** Row `row` of the columns. */
export function nativeAt(columns: HistogramColumns, row: number): Histogram {
  const buckets: Bucket[] = [];
  for (let i = columns.offset[row]; i < columns.offset[row + 1]; i += 1) {
    const [lower, upper] = [columns.lower[i], columns.upper[i]];
    buckets.push({ lower, upper, count: columns.count[i], text: interval(lower, upper, columns.bounds[i]) });
  }
  return { buckets, sum: columns.sum[row], total: columns.total[row] };
}

/** Which row of the columns is the histogram at a point of the value column. */
export function rowsByPoint(columns: HistogramColumns | undefined): Map<number, number> {
  return new Map(Array.from(columns?.at ?? [], (point, row) => [point, row]));
}

const bucketBound = (series: Series): number => {
  const le = series.labels.le;
  if (le === undefined) return NaN;
  return le === '+Inf' ? Infinity : Number(le);
};

/** Every series, or group of `le` series, that can be drawn as histograms. */
export function tracks(result: RangeResult | VectorResult): Track[] {
  const steps = result.kind === 'range' ? result.times.length : 1;
  const found: Track[] = [];
  const rows = rowsByPoint(result.histograms);
  if (result.histograms) {
    const columns = result.histograms;
    result.series.forEach((series, i) => {
      const track = Array.from({ length: steps }, (_, j) => {
        const row = rows.get(i * steps + j);
        return row === undefined ? undefined : nativeAt(columns, row);
      });
      if (track.some(Boolean)) found.push({ name: series.text, steps: track });
    });
  }
  return [...found, ...classicTracks(result, steps)];
}

function classicTracks(result: RangeResult | VectorResult, steps: number): Track[] {
  const groups = new Map<string, { name: string; parts: { le: number; index: number }[] }>();
  result.series.forEach((series, index) => {
    const le = bucketBound(series);
    if (Number.isNaN(le)) return;
    const labels = Object.entries(series.labels).filter(([name]) => name !== 'le');
    const key = JSON.stringify([series.name, labels]);
    const name = `${series.name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`;
    const group = groups.get(key) ?? { name, parts: [] };
    group.parts.push({ le, index });
    groups.set(key, group);
  });
  const found: Track[] = [];
  for (const { name, parts } of groups.values()) {
    if (parts.length < 2) continue;
    parts.sort((a, b) => a.le - b.le);
    found.push({ name, steps: Array.from({ length: steps }, (_, j) => classicAt(result, parts, steps, j)) });
  }
  return found;
}

/** Counts of classic buckets are cumulative: each holds those before it. */
function classicAt(result: RangeResult | VectorResult, parts: { le: number; index: number }[], steps: number, step: number): Histogram | undefined {
  const buckets: Bucket[] = [];
  let before = 0;
  // below the first bound nobody knows; most of what is measured is not negative
  let lower = parts[0].le > 0 ? 0 : -Infinity;
  for (const { le, index } of parts) {
    const at = index * steps + step;
    if (result.present[at] !== 1 || Number.isNaN(result.values[at])) continue;
    const count = Math.max(0, result.values[at] - before);
    buckets.push({ lower, upper: le, count, text: interval(lower, le, 0) });
    before = Math.max(before, result.values[at]);
    lower = le;
  }
  return buckets.length > 0 ? { buckets, sum: NaN, total: before } : undefined;
}
