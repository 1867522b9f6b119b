// What is loaded: every metric with type, help, unit, labels and how many values they have.

import type { Engine, MetricInfo } from 'ferula';
import { button, h, later, plural } from './dom.ts';
import { filterFor } from './names.ts';

/** How many metrics are listed before the filter has to narrow them. */
const LISTED = 200;
const VALUES = 30;

/** A query that makes sense of a metric; after one scrape there is no rate yet. */
export function suggestion(metric: MetricInfo, scrapes: 'one' | 'many' = 'many'): string {
  const name = /^[a-zA-Z_:][\w:]*$/.test(metric.name) ? metric.name : `{${JSON.stringify(metric.name)}}`;
  if (scrapes === 'one') return metric.series > LISTED && !metric.native ? `topk(20, ${name})` : name;
  if (metric.native) return `histogram_quantile(0.95, sum(rate(${name}[5m])))`;
  if (metric.name.endsWith('_bucket')) return `histogram_quantile(0.95, sum by (le) (rate(${name}[5m])))`;
  if (metric.type === 'counter' || /_(total|count|sum)$/.test(metric.name)) return `rate(${name}[5m])`;
  return name;
}

export class Browser {
  readonly element: HTMLElement;
  #engine: () => Promise<Engine>;
  #use: (query: string) => void;
  #metrics: MetricInfo[] = [];
  #filter = h('input', { type: 'search', id: 'metrics-filter', placeholder: 'Filter metrics', 'aria-label': 'Filter metrics' });
  #list = h('ul', { class: 'metrics', id: 'metrics', 'aria-label': 'Metrics' });
  #note = h('p', { class: 'note', id: 'metrics-note' });

  constructor(engine: () => Promise<Engine>, use: (query: string) => void) {
    this.#engine = engine;
    this.#use = use;
    this.#filter.addEventListener('input', later(120, () => this.#draw()));
    this.element = h('section', { 'aria-labelledby': 'metrics-title' }, h('h3', { id: 'metrics-title' }, 'Metrics'), this.#filter, this.#note, this.#list);
  }

  show(metrics: MetricInfo[]): void {
    this.#metrics = metrics;
    this.#draw();
  }

  #draw(): void {
    const matches = filterFor(this.#filter.value) ?? (() => true);
    const found = this.#metrics.filter((metric) => matches(`${metric.name} ${metric.help}`));
    const all = plural(this.#metrics.length, 'metric');
    const listed = found.slice(0, LISTED);
    this.#note.textContent = found.length === this.#metrics.length && listed.length === found.length ? all : `${listed.length} of ${found.length === this.#metrics.length ? all : `${plural(found.length, 'match', 'matches')} in ${all}`} are listed`;
    this.#list.replaceChildren(...listed.map((metric) => this.#item(metric)));
  }

  #item(metric: MetricInfo): HTMLElement {
    const type = metric.native ? 'native histogram' : metric.type || 'unknown type';
    const details = h('details', {}, h('summary', {}, h('code', {}, metric.name), h('small', {}, `${type} · ${plural(metric.series, 'series', 'series')}`)));
    // filled when it is opened: there can be thousands
    details.addEventListener('toggle', () => {
      if (details.open && details.childElementCount === 1) details.append(this.#facts(metric));
    });
    return h('li', {}, details);
  }

  #facts(metric: MetricInfo): HTMLElement {
    const query = suggestion(metric);
    const use = button('Query it', () => this.#use(query), { title: query, 'aria-label': `Query it: ${metric.name}` });
    const labels = metric.labels.map((label) => this.#label(metric, label));
    return h(
      'div',
      { class: 'facts' },
      metric.help ? h('p', {}, metric.help) : null,
      metric.unit ? h('p', {}, `Unit: ${metric.unit}`) : null,
      metric.family && metric.family !== metric.name ? h('p', {}, 'Part of ', h('code', {}, metric.family)) : null,
      labels.length > 0 ? h('ul', {}, ...labels) : h('p', {}, 'No labels.'),
      use,
    );
  }

  #label(metric: MetricInfo, label: MetricInfo['labels'][number]): HTMLElement {
    const details = h('details', {}, h('summary', {}, h('code', {}, label.name), h('small', {}, plural(label.values, 'value'))));
    details.addEventListener('toggle', async () => {
      if (!details.open || details.childElementCount > 1) return;
      const host = h('p', { class: 'values' }, '…');
      details.append(host);
      try {
        const values = await (await this.#engine()).labelValues(label.name, `{__name__=${JSON.stringify(metric.name)}}`);
        host.replaceChildren(...values.slice(0, VALUES).map((value) => h('code', {}, value === '' ? '""' : value)));
        if (values.length > VALUES) host.append(` and ${plural(values.length - VALUES, 'more', 'more')}`);
      } catch (error) {
        host.textContent = error instanceof Error ? error.message : String(error);
      }
    });
    return h('li', {}, details);
  }
}
