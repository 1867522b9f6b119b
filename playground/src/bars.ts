// One histogram as a bar chart, with its buckets in words beside it.

import { h, svg } from './dom.ts';
import type { Histogram } from './histograms.ts';
import { formatValue } from './times.ts';

const WIDTH = 640;
const HEIGHT = 200;
const FOOT = 22;

/** Where bounds lie on the axis: evenly by rank, or true to their values. */
export type Scale = 'rank' | 'linear';

function ends(histogram: Histogram, scale: Scale): ((x: number) => number) | undefined {
  const bounds = [...new Set(histogram.buckets.flatMap((b) => [b.lower, b.upper]))].sort((a, b) => a - b);
  if (bounds.length < 2) return undefined;
  if (scale === 'rank') {
    const rank = new Map(bounds.map((b, i) => [b, i / (bounds.length - 1)]));
    return (x) => (rank.get(x) ?? 0) * WIDTH;
  }
  const finite = bounds.filter(Number.isFinite);
  const [low, high] = [finite[0], finite[finite.length - 1]];
  if (finite.length < 2) return undefined;
  // a little room at the sides for buckets without an end
  const room = 24;
  return (x) => (x === Infinity ? WIDTH : x === -Infinity ? 0 : room + ((x - low) / (high - low)) * (WIDTH - 2 * room));
}

/** Chart, sums and buckets of a histogram. */
export function bars(histogram: Histogram, scale: Scale = 'rank'): HTMLElement {
  const at = ends(histogram, scale) ?? ends(histogram, 'rank');
  const filled = histogram.buckets.filter((b) => b.count !== 0);
  const picture = svg('svg', {
    class: 'bars',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': `Histogram of ${filled.length} filled buckets, ${formatValue(histogram.total)} observations`,
  });
  if (at) {
    // true to values, an area is a count; by rank, a height is
    const height = (b: { lower: number; upper: number; count: number }) =>
      scale === 'linear' && Number.isFinite(b.upper - b.lower) && b.upper > b.lower ? b.count / (b.upper - b.lower) : scale === 'linear' ? 0 : b.count;
    const highest = Math.max(...histogram.buckets.map(height), 0);
    for (const bucket of histogram.buckets) {
      const [x, to] = [at(bucket.lower), at(bucket.upper)];
      const tall = highest > 0 ? Math.max(0, (height(bucket) / highest) * (HEIGHT - FOOT - 6)) : 0;
      const rect = svg('rect', { x: x + 0.5, y: HEIGHT - FOOT - tall, width: Math.max(1, to - x - 1), height: tall, class: 'barrect' });
      rect.append(svg('title', {}, `${bucket.text}: ${formatValue(bucket.count)}`));
      picture.append(rect);
    }
    picture.append(svg('line', { x1: 0, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT, class: 'axis' }));
    axis(picture, histogram, at);
  }
  return h(
    'div',
    { class: 'histogram' },
    h('p', {}, `count ${formatValue(histogram.total)}${Number.isNaN(histogram.sum) ? '' : `, sum ${formatValue(histogram.sum)}, mean ${formatValue(histogram.sum / histogram.total)}`}`),
    picture,
    buckets(histogram),
  );
}

/** As many bounds as fit side by side. */
function axis(picture: SVGSVGElement, histogram: Histogram, at: (x: number) => number): void {
  const bounds = [...new Set(histogram.buckets.flatMap((b) => [b.lower, b.upper]))].sort((a, b) => a - b);
  let free = 0;
  for (const bound of bounds) {
    const text = Number.isFinite(bound) ? String(Number(bound.toPrecision(3))) : bound > 0 ? '+Inf' : '-Inf';
    const half = text.length * 3.5;
    const x = Math.min(Math.max(at(bound), half), WIDTH - half);
    if (x - half < free) continue;
    picture.append(svg('text', { x, y: HEIGHT - 6, class: 'tick', 'text-anchor': 'middle' }, text));
    free = x + half + 10;
  }
}

function buckets(histogram: Histogram): HTMLElement {
  const body = h('tbody');
  for (const bucket of histogram.buckets) {
    body.append(h('tr', {}, h('td', {}, bucket.text), h('td', { class: 'number' }, formatValue(bucket.count))));
  }
  const head = h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Bucket'), h('th', { scope: 'col', class: 'number' }, 'Count')));
  return h('details', {}, h('summary', {}, `${histogram.buckets.length} buckets`), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Buckets' }, h('table', {}, head, body)));
}
