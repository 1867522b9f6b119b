// Test mode: a script in an editor, run as it is typed, failures beside their lines.

import type { Diagnostic, Engine, ScriptCase, ScriptReport } from 'ferula';
import type { Times } from './controls.ts';
import { button, h, later, plural } from './dom.ts';
import { Editor } from './editor.ts';
import { FerulaError, told } from './engine.ts';
import { script as language } from './language.ts';
import { Notes } from './notes.ts';
import { formatMs, parseDuration } from './times.ts';

export const SAMPLE = `# Series are loaded with values at equal intervals, then questions
# are asked of them. Change a number and see what fails.

load 1m
  requests_total{path="/predict", status="200"}  0+90x10
  requests_total{path="/predict", status="500"}  0+10x10
  requests_total{path="/health", status="200"}   0+30x10
  latency_seconds_bucket{le="0.1"}   0+60x10
  latency_seconds_bucket{le="0.5"}   0+95x10
  latency_seconds_bucket{le="+Inf"}  0+100x10

eval instant at 10m sum by (path) (rate(requests_total[5m]))
  {path="/predict"}  1.6666666666666667
  {path="/health"}   0.5

# The share of errors, in percent.
eval instant at 10m sum(rate(requests_total{status=~"5.."}[5m])) / sum(rate(requests_total[5m])) * 100
  {}  7.6923076923076925

eval range from 8m to 10m step 1m increase(requests_total{path="/health"}[5m])
  {path="/health", status="200"}  150 150 150

eval instant at 10m histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))
  {}  0.5

eval instant at 10m nothing
`;

/** The query and the times of an `eval` line; a script's times count from the epoch. */
export function scriptQuestion(command: string): { query: string; times: Partial<Times> } | undefined {
  const time = (text: string) => (/^0[a-z]*$/.test(text) ? 0 : parseDuration(text));
  const instant = command.match(/^eval\S*\s+instant\s+at\s+(\S+)\s+(.+)$/s);
  if (instant) return { query: instant[2], times: { instant: true, end: time(instant[1]) ?? null } };
  const range = command.match(/^eval\S*\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/s);
  if (!range) return undefined;
  const [start, end, step] = [time(range[1]) ?? 0, time(range[2]), parseDuration(range[3])];
  const length = end === undefined ? 0 : end - start;
  return { query: range[4], times: { instant: false, end: end ?? null, step: step ?? null, ...(length > 0 ? { range: length } : {}) } };
}

/** Scripts that run longer are stopped when the text changes. */
const PATIENCE = 1500;
/** One that is quicker than this never shows that it runs. */
const UNSEEN = 300;

/** A failure's places: the lines that expect something else, or the `eval` line. */
function marks(editor: Editor, found: ScriptCase): Diagnostic[] {
  const at = (line: number, message: string): Diagnostic => ({ ...editor.span(line), severity: 'error', message, line, column: 1 });
  const lines = editor.text.split('\n');
  const plain = (text: string) => text.replace(/\s+/g, '');
  const places: Diagnostic[] = [];
  for (const row of found.rows ?? []) {
    if (row.got === row.wanted || row.wanted === null) continue;
    // lines count from 1, so this is the one behind the command
    for (let i = found.line; i < lines.length && lines[i].trim() !== ''; i += 1) {
      if (!plain(lines[i]).startsWith(plain(row.series))) continue;
      places.push(at(i + 1, `expected ${row.wanted}, got ${row.got ?? 'nothing'}`));
      break;
    }
  }
  return places.length > 0 ? places : [at(found.line, found.problem ?? 'failed')];
}

export interface ScriptEvents {
  change(text: string): void;
  /** Ask the script's query of the script's data, in query mode. */
  use(text: string, found: ScriptCase): void;
}

export class ScriptMode {
  readonly element: HTMLElement;
  #engine: () => Promise<Engine>;
  #events: ScriptEvents;
  #editor?: Editor;
  #host = h('div', { class: 'editor script' });
  #status = h('p', { id: 'script-status', role: 'status', 'aria-live': 'polite' });
  #cases = h('ul', { class: 'cases', id: 'cases', 'aria-label': 'Cases of the script' });
  #notes = new Notes(({ from }) => this.#editor?.go(from));
  #update = button('Update expectations', () => void this.#rewrite(), { id: 'script-update', title: 'Writes what came out in place of what was expected' });
  #runButton = button('Run', () => (this.#runButton.classList.contains('stop') ? this.#stop() : void this.run()), { class: 'primary', id: 'script-run', title: 'Ctrl+Enter' });
  #running?: { controller: AbortController; since: number };
  #again = false;
  #soon = later(300, () => void this.run());

  constructor(engine: () => Promise<Engine>, events: ScriptEvents) {
    this.#engine = engine;
    this.#events = events;
    this.#notes.element.id = 'script-notes';
    const bar = h(
      'div',
      { class: 'controls' },
      this.#runButton,
      this.#update,
      button('Sample', () => this.set(SAMPLE), { id: 'script-sample' }),
    );
    this.element = h(
      'div',
      { class: 'scripts', id: 'script-mode' },
      h('section', { class: 'card', 'aria-label': 'Test script' }, this.#host, bar),
      h('section', { class: 'card outcome', 'aria-label': 'Outcome' }, this.#status, this.#notes.element, this.#cases),
    );
    this.#notes.show([]);
  }

  /** Shows a script; the sample if there is none. */
  show(text: string): void {
    if (!this.#editor) {
      this.#editor = new Editor({
        parent: this.#host,
        id: 'script-editor',
        label: 'Test script',
        text: text || SAMPLE,
        language,
        lines: true,
        keys: [{ key: 'Mod-Enter', run: () => { void this.run(); return true; } }],
        onChange: (now) => {
          this.#events.change(now);
          this.#soon();
        },
      });
      void this.run();
    } else if (text && text !== this.#editor.text) {
      this.#editor.set(text);
    }
  }

  set(text: string): void {
    this.#editor?.set(text);
  }

  focus(): void {
    this.#editor?.view.focus();
  }

  async run(): Promise<void> {
    const editor = this.#editor;
    if (!editor) return;
    this.#soon.cancel();
    if (this.#running) {
      const { controller, since } = this.#running;
      this.#again = true;
      setTimeout(() => controller.abort(), Math.max(0, since + PATIENCE - performance.now()));
      return;
    }
    const text = editor.text;
    const running = { controller: new AbortController(), since: performance.now() };
    this.#running = running;
    const seen = setTimeout(() => this.#stoppable(true), UNSEEN);
    try {
      const report = await (await this.#engine()).runScript(text, { signal: running.controller.signal });
      if (!this.#again) this.#report(editor, report);
    } catch (error) {
      if (!this.#again) this.#failed(editor, error);
    } finally {
      this.#running = undefined;
      clearTimeout(seen);
      this.#stoppable(false);
    }
    if (this.#again) {
      this.#again = false;
      void this.run();
    }
  }

  #stop(): void {
    this.#again = false;
    this.#running?.controller.abort();
  }

  #stoppable(on: boolean): void {
    this.#runButton.textContent = on ? 'Stop' : 'Run';
    this.#runButton.classList.toggle('stop', on);
  }

  async #rewrite(): Promise<void> {
    const editor = this.#editor;
    if (!editor) return;
    try {
      const report = await (await this.#engine()).runScript(editor.text, { update: true });
      if (report.updatedText !== undefined) editor.set(report.updatedText);
      else this.#status.textContent = 'Nothing to update.';
    } catch (error) {
      this.#failed(editor, error);
    }
  }

  #report(editor: Editor, report: ScriptReport): void {
    const failed = report.cases.filter((found) => found.status === 'failed');
    editor.mark(failed.flatMap((found) => marks(editor, found)));
    this.#notes.show([]);
    this.#status.textContent = `${report.passed} passed, ${report.failed} failed, ${formatMs(report.elapsedMs)}`;
    this.#status.className = report.failed > 0 ? 'bad' : 'good';
    this.#cases.replaceChildren(...report.cases.map((found) => this.#case(editor, found)));
  }

  #failed(editor: Editor, error: unknown): void {
    const diagnostics = error instanceof FerulaError ? error.diagnostics : [];
    const stopped = error instanceof FerulaError && error.kind === 'cancelled';
    editor.mark(diagnostics);
    this.#notes.show(diagnostics, diagnostics.length === 0 && !stopped ? [told(error)] : []);
    this.#status.textContent = stopped ? 'Stopped.' : 'The script cannot be run.';
    this.#status.className = 'bad';
    this.#cases.replaceChildren();
  }

  #case(editor: Editor, found: ScriptCase): HTMLElement {
    const bad = found.status === 'failed';
    const go = h('button', { type: 'button', class: 'place', title: 'Go to the line', onclick: () => editor.go(editor.span(found.line).from) }, String(found.line));
    const use = h('button', { type: 'button', class: 'quiet', title: 'Ask this of the script’s data', onclick: () => this.#events.use(editor.text, found) }, 'Query');
    const head = h('div', { class: 'casehead' }, h('strong', {}, bad ? 'failed' : 'passed'), go, h('code', {}, found.command), use);
    const rows = (found.rows ?? []).map((row) => {
      const same = row.got === row.wanted;
      return h('tr', { class: same ? '' : 'differs' }, h('td', {}, h('code', {}, row.series)), h('td', {}, row.wanted ?? 'nothing'), h('td', {}, row.got ?? 'nothing'));
    });
    const head2 = h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'series'), h('th', { scope: 'col' }, 'expected'), h('th', { scope: 'col' }, 'got')));
    return h(
      'li',
      { class: found.status },
      head,
      bad && found.problem ? h('p', { class: 'problem' }, found.problem) : null,
      bad && found.ran ? h('p', { class: 'note' }, 'It was run as ', h('code', {}, found.ran)) : null,
      bad && rows.length > 0 ? h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${plural(rows.length, 'row')} of line ${found.line}` }, h('table', {}, head2, h('tbody', {}, ...rows))) : null,
    );
  }
}
