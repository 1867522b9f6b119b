// The answer: a line of facts, and the tabs with graph, heat map or bars, and table.

import type { InstantResult, RangeResult } from 'ferula';
import { button, h, plural } from './dom.ts';
import { Graph, type GraphEvents, type GraphOptions } from './graph.ts';
import { Heat, type HeatOptions } from './heat.ts';
import type { Tab } from './state.ts';
import { Table } from './table.ts';
import { Tabs } from './tabs.ts';
import { formatMs } from './times.ts';

export type Result = RangeResult | InstantResult;

export type ViewOptions = GraphOptions & HeatOptions;

export interface ResultEvents extends Omit<GraphEvents, 'change'> {
  change(options: Partial<ViewOptions>): void;
  tab(tab: Tab): void;
  /** Back from a part's result to the whole query's. */
  whole(): void;
}

export class Results {
  readonly element: HTMLElement;
  #graph: Graph;
  #heat: Heat;
  #table = new Table();
  #tabs: Tabs<Tab>;
  #status = h('p', { id: 'status', role: 'status', 'aria-live': 'polite' }, 'Loading the engine…');
  #part = h('p', { class: 'part', id: 'part', hidden: true });
  #empty = h('p', { class: 'empty', id: 'empty', hidden: true });
  #result?: Result;
  #emptyOf?: Result;
  /** What the table and the heat map last drew: they are drawn only when they are seen. */
  #tableHas?: Result;

  constructor(events: ResultEvents) {
    this.#graph = new Graph(events);
    this.#heat = new Heat(events.change);
    this.#tabs = new Tabs<Tab>(
      'result',
      'Kinds of result',
      [
        { id: 'graph', title: 'Graph', panel: h('div', {}, this.#graph.element) },
        { id: 'heat', title: 'Heat map', panel: h('div', {}, this.#heat.element) },
        { id: 'table', title: 'Table', panel: h('div', {}, this.#table.element) },
      ],
      (tab) => events.tab(tab),
    );
    this.#onWhole = events.whole;
    this.element = h('section', { class: 'results', id: 'results', 'aria-label': 'Result' }, this.#status, this.#part, h('div', { class: 'tabbar' }, this.#tabs.list), this.#empty, this.#tabs.panels);
  }

  #onWhole: () => void;

  /** Shows a result in the tab that was asked for, or in the nearest that can show it. */
  show(result: Result | undefined, tab: Tab, options: ViewOptions): void {
    this.#result = result;
    const range = result?.kind === 'range' ? result : undefined;
    const drawable = result?.kind === 'range' || result?.kind === 'vector' ? result : undefined;
    const heat = drawable !== undefined && Heat.suits(drawable);
    this.#tabs.offer('graph', !result || range !== undefined);
    this.#tabs.offer('heat', heat || (tab === 'heat' && range !== undefined), range ? 'Heat map' : 'Bars');
    const shown = tab === 'graph' && result && !range ? 'table' : tab === 'heat' && !heat && !range ? 'table' : tab;
    this.#tabs.show(shown);
    const nothing = result !== undefined && 'series' in result && result.series.length === 0;
    this.#empty.hidden = !nothing;
    if (nothing && this.#emptyOf !== result) this.why('');
    this.#emptyOf = nothing ? result : undefined;
    this.#tabs.panels.hidden = nothing;
    if (shown === 'graph') {
      this.#graph.show(range, options);
      this.#graph.shown();
    } else if (shown === 'heat') {
      this.#heat.show(drawable, options);
      this.#heat.shown();
    } else if (this.#tableHas !== result) {
      this.#table.show(result);
      this.#tableHas = result;
    }
  }

  /** Says why the answer is empty; `instead` is a name to try, if there is one. */
  why(text: string, instead?: string, use?: () => void): void {
    this.#empty.replaceChildren(h('span', {}, `The answer is empty. ${text} `));
    if (instead !== undefined && use) this.#empty.append(button(`Use ${instead}`, use, { id: 'empty-instead' }));
  }

  zoomed(on: boolean): void {
    this.#graph.zoomed(on);
  }

  say(text: string): void {
    this.#status.textContent = text;
  }

  /** Says what the result is, and what it took. */
  facts(result: Result, roundTrip: number | undefined): void {
    const parts: string[] = [];
    if (result.kind === 'range') parts.push(`${plural(result.series.length, 'series', 'series')} × ${plural(result.times.length, 'step')}`);
    else if (result.kind === 'vector' || result.kind === 'matrix') parts.push(plural(result.series.length, 'series', 'series'));
    else parts.push(result.kind);
    const { stats } = result;
    if (stats.samplesRead) parts.push(`${plural(stats.samplesRead, 'sample')} read`);
    parts.push(`engine ${formatMs(stats.totalMs)}`);
    if (roundTrip !== undefined) parts.push(`with the way there and back ${formatMs(roundTrip)}`);
    this.say(parts.join(' · '));
  }

  /** An answer to a question that is no longer the one in the editor is dimmed. */
  stale(on: boolean): void {
    this.element.classList.toggle('stale', on);
  }

  /** Says that a part's result is shown, with the way back; undefined: the whole is. */
  part(query: string | undefined, note = ''): void {
    this.#part.hidden = query === undefined;
    this.#part.replaceChildren();
    if (query === undefined) return;
    this.#part.append(h('span', {}, 'Result of '), h('code', {}, query), h('span', {}, `${note} `), button('Back to the whole query', () => this.#onWhole(), { id: 'part-back' }));
  }

  get result(): Result | undefined {
    return this.#result;
  }
}
