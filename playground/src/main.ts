// The page: one state, the parts that show it, and what happens between them.

import './main.css';
import { closeCompletion } from '@codemirror/autocomplete';
import type { DataReport, Diagnostic, PlanNode } from 'ferula';
import { Banner } from './banner.ts';
import { Controls, type Times } from './controls.ts';
import { Data } from './data.ts';
import { HelpDialog, ShareDialog } from './dialogs.ts';
import { button, h, later } from './dom.ts';
import { acceptDrops } from './drops.ts';
import { Editor } from './editor.ts';
import { aide, comes, FerulaError, main as engine, told } from './engine.ts';
import { functionHover } from './hover.ts';
import { globalKeys } from './keys.ts';
import type { Lesson } from './lessons.ts';
import { LessonsView } from './lessons-view.ts';
import { Notes } from './notes.ts';
import { fromPage, size, toPage } from './pages.ts';
import { Plan } from './plan.ts';
import { Results, type Result } from './results.ts';
import { language, Runner, type Answered, type Question } from './runner.ts';
import { SAMPLE, ScriptMode, scriptQuestion } from './script.ts';
import { fragment, fromFile, fromFragment, LONGEST } from './share.ts';
import { DEMO_END, FIRST, RANGE, restore, type Mode, type Side, type State, type Tab } from './state.ts';
import { Tabs } from './tabs.ts';
import { themeButton } from './theme.ts';
import { autoStep } from './times.ts';
import { whyEmpty } from './why.ts';

let state: State = { ...FIRST };
/** What is loaded; at first the demo. */
let report: Pick<DataReport, 'start' | 'end'> = { end: DEMO_END };
/** The whole query's answer, and a part's if one is shown. */
let whole: Answered | undefined;
let part: Answered | undefined;
/** Whether what is typed is run by itself: not if the last run was slow. */
let quick = true;
/** What was asked last. */
let lastAsked = '';
const QUICK = 400;
/** Larger files are no scripts. */
const SCRIPT = 2_000_000;
/** Larger data is not tried as a link at every change. */
const LINKED = 1_000_000;

const engineNow = () => engine;

// ---- the parts

const banner = new Banner();
const notes = new Notes(({ from }) => editor.go(from));
const lessons = new LessonsView(openLesson);
const controls = new Controls({
  run: () => ask(true),
  cancel: () => runner.cancel(),
  format: () => void format(),
  change: (times: Partial<Times>) => {
    change(times);
    showControls();
    ask(true);
  },
});
const zooms: Pick<State, 'range' | 'end'>[] = [];
const results = new Results({
  change: (options) => change(options),
  zoom: (start, end) => {
    zooms.push({ range: state.range, end: state.end });
    results.zoomed(true);
    // whole seconds read better, unless there are few of them
    const unit = end - start > 60_000 ? 1000 : 1;
    const [from, to] = [Math.floor(start / unit) * unit, Math.ceil(end / unit) * unit];
    setTimes({ range: Math.max(1, to - from), end: to });
  },
  unzoom: () => {
    const before = zooms.pop();
    results.zoomed(zooms.length > 0);
    if (before) setTimes(before);
  },
  tab: (tab) => {
    change({ tab });
    showResult();
  },
  whole: () => showPart(null),
});
const plan = new Plan({
  choose: (_node, path) => showPart(path.length === 0 ? null : path),
  point: (span) => editor.point(span),
});
const data = new Data(engineNow, { loaded, use, say: (text) => results.say(text) });
const script = new ScriptMode(aide, {
  change: (text) => change({ script: text === SAMPLE ? '' : text }),
  use: (text, found) => void useScript(text, found.command),
});
const sides = new Tabs<Side>(
  'side',
  'Plan and data',
  [
    { id: 'plan', title: 'Plan', panel: h('div', {}, plan.element) },
    { id: 'data', title: 'Data', panel: h('div', {}, data.element) },
  ],
  (side) => {
    change({ side });
    void data.refresh();
  },
);
const runner = new Runner(engineNow, { running: (on) => controls.running(on), answered, failed });
const share = new ShareDialog(snapshot, link, (files) => void openFiles(files));
const help = new HelpDialog((experimental) => {
  change({ experimental });
  void check();
  ask(true);
});

const editorHost = h('div', { class: 'editor', id: 'query' });
const queryMode = h(
  'div',
  { class: 'queries', id: 'query-mode' },
  h('nav', { class: 'card left', 'aria-label': 'Lessons' }, lessons.list),
  h('div', { class: 'middle' }, h('section', { class: 'card', 'aria-label': 'Query' }, lessons.strip, editorHost, notes.element, controls.element), h('div', { class: 'card' }, results.element)),
  h('aside', { class: 'card right', 'aria-label': 'Plan and data' }, h('div', { class: 'tabbar' }, sides.list), sides.panels),
);
const modes = (['query', 'script'] as const).map((mode) =>
  h('label', {}, h('input', { type: 'radio', name: 'mode', value: mode, id: `mode-${mode}`, onchange: () => setMode(mode) }), h('span', {}, mode === 'query' ? 'Query' : 'Test')),
);
document.getElementById('top')?.append(
  h('fieldset', { class: 'kinds modes' }, h('legend', { class: 'unseen' }, 'Mode'), ...modes),
  h('div', { class: 'tools' }, button('Share', () => void share.show(), { id: 'share' }), themeButton(), button('?', () => void showHelp(), { id: 'help', 'aria-label': 'Keys and settings', title: 'Keys and settings' })),
);

const checkSoon = later(150, () => void check());
const saveSoon = later(250, () => void save());
const editor = new Editor({
  parent: editorHost,
  id: 'query-editor',
  label: 'PromQL query',
  text: state.query,
  placeholder: 'Write a PromQL query',
  keys: [
    { key: 'Mod-Enter', run: (view) => { closeCompletion(view); ask(true); return true; } },
    { key: 'Shift-Alt-f', run: () => { void format(); return true; } },
    // Tab belongs to the page: Escape is the way to it, when no list is open
    { key: 'Escape', run: (view) => { if (document.querySelector('.cm-tooltip-autocomplete')) return false; view.contentDOM.blur(); return true; } },
  ],
  extra: functionHover(async () => (await aide()).functions()),
  complete: async (text, position) => {
    // while a slow query runs, at least the functions are known
    const from = runner.busy ? aide() : engine;
    return (await from).complete(text, position, language(state.experimental)).catch(() => undefined);
  },
  onChange: (text) => {
    if (text === state.query) return;
    if (state.node) showPart(null);
    change({ query: text, node: null, lesson: '' });
    lessons.show('');
    checkSoon();
  },
  onCursor: (position) => plan.near(position),
});
// laid out once all of it is there
document.getElementById('app')?.replaceChildren(banner.element, queryMode, script.element);

// ---- state

function change(patch: Partial<State>): void {
  state = { ...state, ...patch };
  saveSoon();
}

/** The state with the data that was brought. */
function snapshot(): State {
  return { ...state, pages: data.pages?.map(fromPage) ?? null };
}

async function link(): Promise<string | undefined> {
  // a browser without compression has no links
  const found = await fragment(snapshot()).catch(() => undefined);
  return found === undefined ? undefined : `${location.href.replace(/#.*/, '')}#${found}`;
}

/** Keeps the address up to date, as long as the state fits in it. */
async function save(): Promise<void> {
  const href = data.pages && size(data.pages) > LINKED ? undefined : await link();
  history.replaceState(null, '', href && href.length <= LONGEST ? href.replace(/#$/, '') : location.pathname + location.search);
}

/** Shows a state that came from a link or a file. */
async function open(next: State): Promise<void> {
  const pages = next.pages?.map(toPage) ?? null;
  state = next;
  forgetZooms();
  showState();
  // the query goes first: what is told of the demo can wait
  const first = pages === null && comes();
  if (first) ask(true);
  try {
    report = await data.restore(pages);
  } catch (error) {
    banner.show(`The data of the link cannot be read: ${told(error)}. The demo is here instead.`);
    report = await data.restore(null);
    state.pages = null;
  }
  performance.mark('data');
  showControls();
  if (!first || report.end !== DEMO_END) ask(true);
}

function forgetZooms(): void {
  zooms.length = 0;
  results.zoomed(false);
}

function showState(): void {
  editor.set(state.query);
  lessons.show(state.lesson);
  sides.show(state.side);
  showControls();
  showMode();
}

function showControls(): void {
  controls.show(state, report.end);
}

function setTimes(times: Partial<Times>): void {
  change(times);
  showControls();
  ask(true);
}

function setMode(mode: Mode): void {
  change({ mode });
  showMode();
}

function showMode(): void {
  queryMode.hidden = state.mode !== 'query';
  script.element.hidden = state.mode !== 'script';
  for (const label of modes) {
    const input = label.firstElementChild as HTMLInputElement;
    input.checked = input.value === state.mode;
  }
  if (state.mode === 'script') script.show(state.script);
  else showResult();
}

async function showHelp(): Promise<void> {
  help.show(state.experimental, (await engine).version);
}

function openLesson(lesson: Lesson): void {
  const { query, id, instant = false, range = RANGE, tab = 'graph' } = lesson;
  const patch = { query, lesson: id, instant, range, end: null, step: null, tab, node: null, filter: '', hidden: [], stacked: false, log: false, heat: '' };
  forgetZooms();
  change(patch);
  showState();
  checkSoon.cancel();
  if (data.pages !== null) void data.demo();
  else ask(true);
}

// ---- running

function question(): Question {
  const end = state.end ?? report.end ?? Date.now();
  const { query, instant, range } = state;
  return { query, instant, start: end - range, end, step: state.step ?? autoStep(range), plan: true, experimental: state.experimental };
}

function ask(urgent: boolean): void {
  if (state.query.trim() === '') {
    notes.show([]);
    editor.mark([]);
    results.say('Write a query, or open a lesson.');
    return;
  }
  const now = question();
  lastAsked = JSON.stringify(now);
  runner.ask(now, urgent);
}

function answered(answer: Answered): void {
  const { question: asked, result } = answer;
  // the first one waited for the data as well
  if (!document.documentElement.dataset.ready) answer.roundTrip = undefined;
  const { roundTrip } = answer;
  if (!asked.plan) {
    part = answer;
    results.facts(result, roundTrip);
    showResult();
    return;
  }
  whole = answer;
  part = undefined;
  quick = (roundTrip ?? result.stats.totalMs) < QUICK;
  results.stale(asked.query !== state.query);
  results.facts(result, roundTrip);
  plan.show(result.plan, state.node);
  if (asked.query === state.query) annotate(result.annotations);
  if (state.node) showPart(state.node);
  else showResult();
  if ('series' in result && result.series.length === 0 && result.plan) void explainEmpty(answer, result.plan);
  if (!document.documentElement.dataset.ready) started();
}

async function explainEmpty(answer: Answered, root: PlanNode): Promise<void> {
  const { query } = answer.question;
  const why = await whyEmpty(root, await engine, query).catch(() => undefined);
  if (!why || whole !== answer || state.query !== query) return;
  const { text, instead } = why;
  results.why(text, instead?.name, () => {
    if (instead) use(query.slice(0, instead.from) + instead.name + query.slice(instead.to));
  });
}

/** The first answer is there: what can wait was left for now. */
function started(): void {
  performance.mark('first-result');
  document.documentElement.dataset.ready = 'true';
  setTimeout(() => {
    void aide();
    void data.refresh();
  }, 50);
}

function failed(asked: Question, error: unknown): void {
  results.stale(true);
  const mine = asked.query === state.query && asked.plan;
  const diagnostics = error instanceof FerulaError ? error.diagnostics : [];
  if (error instanceof FerulaError && error.kind === 'cancelled') {
    results.say('Stopped.');
  } else if (error instanceof FerulaError && error.kind === 'crash') {
    results.say(`The engine failed: ${error.message}`);
  } else {
    results.say(`Error: ${told(error)}`);
    if (mine) annotate(diagnostics, diagnostics.length === 0 ? [told(error)] : []);
  }
  if (!document.documentElement.dataset.ready) started();
}

function annotate(diagnostics: readonly Diagnostic[], others: readonly string[] = []): void {
  editor.mark(diagnostics);
  notes.show(diagnostics, others);
}

/** Checks what is typed; what is right is run, if that is quick. */
async function check(): Promise<void> {
  const text = state.query;
  if (text.trim() === '') return ask(false);
  try {
    const { diagnostics } = await (await aide()).check(text, language(state.experimental));
    if (text !== state.query) return;
    if (diagnostics.some(({ severity }) => severity === 'error')) {
      lastAsked = '';
      annotate(diagnostics);
      results.stale(true);
      const [first] = diagnostics;
      results.say(`Error at ${first.line}:${first.column}: ${first.message}`);
      return;
    }
    // it was run meanwhile: the answer says what there is to say
    if (JSON.stringify(question()) === lastAsked) return;
    annotate(diagnostics);
    if (quick) ask(false);
    else results.say('Ctrl+Enter runs it.');
  } catch (error) {
    results.say(told(error));
  }
}

async function format(): Promise<void> {
  try {
    const text = await (await aide()).format(editor.text, language(state.experimental));
    const { lesson } = state;
    editor.set(text);
    change({ lesson });
    lessons.show(lesson);
  } catch (error) {
    if (error instanceof FerulaError) annotate(error.diagnostics);
    results.say(`Not formatted: ${told(error)}`);
  }
}

/** Shows the result of a part of the plan, or of the whole again. */
function showPart(path: number[] | null): void {
  const node = path && plan.at(path);
  change({ node: node ? path : null });
  plan.choose(node ? path : null);
  part = undefined;
  if (!node || !whole) {
    results.part(undefined);
    if (whole) results.facts(whole.result, whole.roundTrip);
    return showResult();
  }
  if (node.query === undefined) {
    results.part(node.text, ' cannot be asked alone.');
    return showResult();
  }
  const instant = whole.question.instant || node.type === 'matrix' || node.type === 'string';
  results.part(node.query, node.type === 'matrix' && !whole.question.instant ? ': the samples of the last window' : '');
  runner.ask({ ...whole.question, query: node.query, instant, plan: false }, false);
}

function showResult(): void {
  const result: Result | undefined = (part ?? whole)?.result;
  if (!state.node) results.part(undefined);
  if (state.mode === 'query') results.show(result, state.tab, state);
}

// ---- data

/** Other data is loaded: its times, and a query that it can answer. */
function loaded(next: DataReport, query: string | undefined): void {
  report = next;
  const span = next.start === undefined || next.end === undefined ? 0 : next.end - next.start;
  const patch: Partial<State> = { end: null, node: null };
  if (data.pages !== null) {
    patch.instant = span === 0;
    if (span > 0) patch.range = span;
    patch.step = null;
    if (state.instant !== patch.instant) patch.tab = span === 0 ? 'table' : 'graph';
  }
  change(patch);
  if (query !== undefined) use(query);
  else {
    showControls();
    ask(true);
  }
}

/** Puts a query in the editor and runs it. */
function use(query: string): void {
  change({ query, lesson: '', node: null, mode: 'query' });
  showState();
  checkSoon.cancel();
  ask(true);
}

/** Asks a script's question of the script's data. */
async function useScript(text: string, command: string): Promise<void> {
  const found = scriptQuestion(command);
  if (!found) return;
  setMode('query');
  // whatever was brought before gives way
  data.pages = null;
  await data.load([{ name: 'test script', content: text, format: 'script', time: 0 }]);
  change(found.times);
  use(found.query);
}

async function openFiles(files: File[]): Promise<void> {
  const [first] = files;
  if (files.length === 1 && /\.json$/i.test(first.name)) {
    const saved = fromFile(await first.text());
    if (saved) return open(saved);
  }
  // a script is dropped to be run, where scripts are
  if (state.mode === 'script' && files.length === 1 && first.size < SCRIPT) {
    script.set(await first.text());
    return;
  }
  change({ side: 'data', mode: 'query' });
  showState();
  await data.open(files);
}

async function fromAddress(): Promise<State> {
  try {
    return await fromFragment(location.hash);
  } catch {
    banner.show('The link is damaged or incomplete: the page begins anew.');
    return restore({});
  }
}

async function begin(): Promise<void> {
  acceptDrops((files) => void openFiles(files));
  notes.show([]);
  globalKeys({
    focus: () => (state.mode === 'script' ? script.focus() : editor.view.focus()),
    help: () => void showHelp(),
    tab: (tab: Tab) => { change({ tab }); showResult(); },
    side: (side: Side) => { change({ side }); sides.show(side); void data.refresh(); },
    lesson: (by) => document.getElementById(by < 0 ? 'lesson-back' : 'lesson-next')?.click(),
  });
  addEventListener('hashchange', async () => open(await fromAddress()));
  const first = await fromAddress();
  try {
    const running = await engine;
    performance.mark('engine');
    running.onRestart = (reason) => reason === 'crash' && banner.show('The engine failed, which is a defect of it, and was started again with the same data.');
    await open(first);
  } catch (error) {
    showState();
    results.say(`The engine cannot be started: ${told(error)}`);
    document.documentElement.dataset.ready = 'failed';
  }
}

void begin();
