// The data panel: what is loaded, a place to paste or drop metrics, and the browser of metrics.

import type { DataReport, Diagnostic, Engine, MetricInfo, PageFormat } from 'ferula';
import { Browser, suggestion } from './browser.ts';
import { button, h, labelled, plural } from './dom.ts';
import { Editor } from './editor.ts';
import { demo, FerulaError, told } from './engine.ts';
import { metricsPage } from './language.ts';
import { Notes } from './notes.ts';
import { parseLabels, type Brought } from './pages.ts';
import { formatBytes, formatTime, parseTime } from './times.ts';

/** Larger texts are not put in an editor. */
const EDITED = 200_000;

export interface DataEvents {
  /** Other data is there; `query` is one that it can answer. */
  loaded(report: DataReport, query: string | undefined): void;
  use(query: string): void;
  say(text: string): void;
}

const FORMATS: [PageFormat, string][] = [
  ['auto', 'as it looks'],
  ['text', 'Prometheus text'],
  ['openmetrics', 'OpenMetrics'],
  ['openmetrics2', 'OpenMetrics 2'],
  ['protobuf', 'protobuf'],
  ['script', 'load blocks of a test script'],
];

const EXAMPLE = '# TYPE api_requests_total counter\napi_requests_total{path="/predict"} 1027 1767268800000\napi_requests_total{path="/predict"} 1160 1767268860000';

export class Data {
  readonly element: HTMLElement;
  /** What the person brought; null: the demo. */
  pages: Brought[] | null = null;
  #engine: () => Promise<Engine>;
  #events: DataEvents;
  #host = h('div', { class: 'editor small', id: 'data-editor' });
  #made?: Editor;
  #browser: Browser;
  #notes: Notes;
  #summary = h('p', { id: 'data-summary' });
  #list = h('ul', { class: 'pages', id: 'pages', 'aria-label': 'Loaded pages' });
  #format = h('select', { id: 'data-format' }, ...FORMATS.map(([value, text]) => h('option', { value }, text)));
  #time = h('input', { id: 'data-time', size: 19, placeholder: 'now', autocomplete: 'off' });
  #labels = h('input', { id: 'data-labels', size: 24, placeholder: 'job="api", instance="a"', autocomplete: 'off', spellcheck: 'false' });
  #replace = h('input', { type: 'checkbox', id: 'data-replace' });
  #reports: DataReport['pages'] = [];
  #busy = false;
  #fresh = false;

  constructor(engine: () => Promise<Engine>, events: DataEvents) {
    this.#engine = engine;
    this.#events = events;
    this.#browser = new Browser(engine, events.use);
    // a large paste goes past the editor
    this.#host.addEventListener(
      'paste',
      (event) => {
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (text.length <= EDITED) return;
        event.preventDefault();
        event.stopPropagation();
        void this.load([this.#brought('pasted', text)]);
      },
      true,
    );
    this.#notes = new Notes(({ from }) => this.#editor.go(from));
    this.#notes.element.id = 'data-notes';
    this.#notes.show([]);
    const file = h('input', { type: 'file', id: 'data-file', multiple: true, class: 'unseen', tabindex: '-1', 'aria-label': 'Files of metrics' });
    file.addEventListener('change', () => {
      void this.open([...(file.files ?? [])]);
      file.value = '';
    });
    this.element = h(
      'div',
      { class: 'data' },
      this.#summary,
      this.#list,
      h('div', { class: 'bar' }, button('Demo data', () => void this.demo(), { id: 'data-demo' }), button('Open files…', () => file.click(), { id: 'data-open' }), file),
      h(
        'details',
        { class: 'bring', open: true },
        h('summary', {}, h('h3', {}, 'Bring your own')),
        h('p', { class: 'note' }, 'Paste a metrics page here, or drop files anywhere. Nothing leaves this page.'),
        this.#host,
        this.#notes.element,
        h('div', { class: 'bar' }, labelled('Format', this.#format), labelled('Scraped at (UTC)', this.#time), labelled('Target labels', this.#labels)),
        h('div', { class: 'bar' }, button('Load', () => void this.#loadText(), { id: 'data-load', class: 'primary' }), h('label', { class: 'check' }, this.#replace, 'Replace what is loaded')),
      ),
      this.#browser.element,
    );
  }

  /** Made when the panel is first seen: a page that is loading has other things to do. */
  get #editor(): Editor {
    this.#made ??= new Editor({
      parent: this.#host,
      id: 'data-text',
      label: 'Metrics to load',
      text: '',
      language: metricsPage,
      lines: true,
      placeholder: EXAMPLE,
      keys: [{ key: 'Mod-Enter', run: () => { void this.#loadText(); return true; } }],
      onChange: () => this.#editor.mark([]),
    });
    return this.#made;
  }

  /** What the panel shows is made anew, now or when it is next seen. */
  async refresh(): Promise<void> {
    if (this.element.offsetParent === null) return;
    void this.#editor;
    if (this.#fresh) return;
    this.#fresh = true;
    try {
      this.#browser.show(await (await this.#engine()).metrics());
    } catch (error) {
      this.#fresh = false;
      this.#events.say(told(error));
    }
  }

  async demo(): Promise<void> {
    const report = await this.#guard(demo);
    if (!report) return;
    this.pages = null;
    this.tell(report);
    this.#events.loaded(report, undefined);
  }

  /** Loads files, each as a page of its own. */
  async open(files: File[]): Promise<void> {
    if (files.length === 0) return;
    const pages = await Promise.all(files.map(async (file) => this.#brought(file.name, new Uint8Array(await file.arrayBuffer()))));
    await this.load(pages);
  }

  /** Adds pages; the demo gives way to the first ones. */
  async load(pages: Brought[]): Promise<void> {
    const replace = this.pages === null || this.#replace.checked;
    const total = pages.reduce((sum, page) => sum + page.content.length, 0);
    this.#events.say(`Reading ${formatBytes(total)}…`);
    const report = await this.#guard((engine) => engine.load(pages, { replace }), pages);
    if (!report) return;
    this.pages = [...(replace ? [] : (this.pages ?? [])), ...pages];
    this.#reports = [...(replace ? [] : this.#reports), ...report.pages];
    const metrics = await this.tell(report);
    const before = this.pages.length === pages.length;
    this.#events.loaded(report, before ? this.#question(metrics, report) : undefined);
  }

  /** Loads what a link or file brought, instead of all there is. Told of by whoever asked. */
  async restore(pages: Brought[] | null): Promise<DataReport> {
    const report = pages === null ? await demo() : await (await this.#engine()).load(pages, { replace: true });
    this.pages = pages;
    this.#reports = report.pages;
    void this.tell(report);
    return report;
  }

  /** Says what is loaded; gives the metrics, if the panel is seen. */
  async tell(report: DataReport): Promise<MetricInfo[]> {
    const span = report.start === undefined || report.end === undefined ? '' : report.start === report.end ? `, at ${formatTime(report.end)} UTC` : `, ${formatTime(report.start)} to ${formatTime(report.end)} UTC`;
    const what = this.pages === null ? 'The demo: a churn-prediction service. ' : '';
    this.#summary.textContent = `${what}${plural(report.series, 'series', 'series')}, ${plural(report.samples, 'sample')}${span}.`;
    this.#list.replaceChildren(...(this.pages === null ? [] : this.#reports.map((page) => this.#pageItem(page))));
    this.#fresh = true;
    const metrics = await (await this.#engine()).metrics();
    this.#browser.show(metrics);
    return metrics;
  }

  #pageItem(page: DataReport['pages'][number]): HTMLElement {
    const facts = [page.format, plural(page.stored, 'sample')];
    if (page.duplicates > 0) facts.push(`${plural(page.duplicates, 'duplicate')} left out`);
    if (page.tooOld > 0) facts.push(`${page.tooOld} too old`);
    if (page.stale > 0) facts.push(`${page.stale} series ended`);
    const warnings = page.warnings.slice(0, 5).map(({ line, message }) => h('li', {}, `line ${line}: ${message}`));
    if (page.warnings.length > 5) warnings.push(h('li', {}, `and ${page.warnings.length - 5} more warnings`));
    return h('li', {}, h('strong', {}, page.name), ` ${facts.join(', ')}`, warnings.length > 0 ? h('ul', { class: 'warnings' }, ...warnings) : null);
  }

  /** A query over what was just loaded: of a counter rather than of anything else. */
  #question(metrics: MetricInfo[], report: DataReport): string | undefined {
    const rank = (metric: MetricInfo) => (metric.type === 'counter' ? 0 : metric.type === 'gauge' ? 1 : 2);
    const [best] = [...metrics].sort((a, b) => rank(a) - rank(b));
    return best && suggestion(best, report.start === report.end ? 'one' : 'many');
  }

  #brought(name: string, content: string | Uint8Array): Brought {
    const time = parseTime(this.#time.value) ?? Date.now();
    return { name, content, format: this.#format.value as PageFormat, time, labels: parseLabels(this.#labels.value) ?? {} };
  }

  async #loadText(): Promise<void> {
    for (const [input, wrong] of [
      [this.#time, this.#time.value.trim() !== '' && parseTime(this.#time.value) === undefined],
      [this.#labels, parseLabels(this.#labels.value) === undefined],
    ] as const) {
      input.setAttribute('aria-invalid', String(wrong));
      if (wrong) return input.focus();
    }
    if (this.#editor.text.trim() === '') return this.#editor.view.focus();
    await this.load([this.#brought(`pasted ${(this.pages?.length ?? 0) + 1}`, this.#editor.text)]);
  }

  async #guard(work: (engine: Engine) => Promise<DataReport>, pages: Brought[] = []): Promise<DataReport | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    this.#notes.show([]);
    this.#made?.mark([]);
    try {
      return await work(await this.#engine());
    } catch (error) {
      this.#failed(error, pages);
      return undefined;
    } finally {
      this.#busy = false;
    }
  }

  /** An error is shown at its place in the editor, where the page is one for an editor. */
  #failed(error: unknown, pages: Brought[]): void {
    const diagnostics: readonly Diagnostic[] = error instanceof FerulaError ? error.diagnostics : [];
    const page = pages.find((p) => error instanceof FerulaError && p.name === error.page) ?? pages[0];
    const text = page && (typeof page.content === 'string' ? page.content : page.content.length <= EDITED ? new TextDecoder().decode(page.content) : undefined);
    if (text !== undefined && text.length <= EDITED && diagnostics.length > 0) {
      this.#editor.set(text);
      this.#editor.mark(diagnostics);
    }
    const where = page ? `${page.name}: ` : '';
    this.#notes.show(diagnostics, diagnostics.length === 0 ? [`${where}${told(error)}`] : []);
    const [first] = diagnostics;
    this.#events.say(`Nothing was loaded. ${where}${first ? `${first.line}:${first.column}: ${first.message}` : told(error)}`);
  }
}
