// What the page shows, as one value: whatever is in it survives a link.

import { LESSONS, OPENING } from './lessons.ts';

export type Mode = 'query' | 'script';
export type Tab = 'graph' | 'heat' | 'table';
export type Side = 'plan' | 'data';

/** A page of metrics that the person brought, as it can be put in a link. */
export interface BroughtPage {
  name: string;
  text?: string;
  /** What is not text (protobuf, gzip), as base64. */
  base64?: string;
  format?: string;
  /** When it was scraped, ms. */
  time: number;
  labels?: Record<string, string>;
}

export interface State {
  mode: Mode;
  query: string;
  /** The lesson that was opened, until something else is. */
  lesson: string;
  instant: boolean;
  /** Length of the range, ms. */
  range: number;
  /** The end of the range, or the instant; null: the end of the data. */
  end: number | null;
  /** null: chosen by the range. */
  step: number | null;
  tab: Tab;
  side: Side;
  /** The plan node whose result is shown, by its place: child indices from the root. */
  node: number[] | null;
  stacked: boolean;
  log: boolean;
  /** What the legend is filtered by, and the series that were switched off, by their text. */
  filter: string;
  hidden: string[];
  /** The series of the heat map, by its name; empty: the first. */
  heat: string;
  /** The axis of the bars. */
  bars: 'rank' | 'linear';
  script: string;
  /** What Prometheus has behind feature flags. */
  experimental: boolean;
  /** null: the demo. */
  pages: BroughtPage[] | null;
}

export const RANGE = 6 * 3_600_000;
/** The demo's newest sample: the first query need not wait to be told. */
export const DEMO_END = Date.UTC(2026, 0, 1, 12);

const opening = LESSONS.find((lesson) => lesson.id === OPENING);

export const FIRST: State = {
  mode: 'query',
  query: opening?.query ?? '',
  lesson: OPENING,
  instant: false,
  range: RANGE,
  end: null,
  step: null,
  tab: 'graph',
  side: 'plan',
  node: null,
  stacked: false,
  log: false,
  filter: '',
  hidden: [],
  heat: '',
  bars: 'rank',
  script: '',
  experimental: true,
  pages: null,
};

const string = (x: unknown): x is string => typeof x === 'string';
const flag = (x: unknown): x is boolean => typeof x === 'boolean';
const length = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x > 0;
const list = <T>(each: (x: unknown) => x is T) => (x: unknown): x is T[] => Array.isArray(x) && x.every(each);
const index = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0;
const or = <T, U>(a: (x: unknown) => x is T, b: (x: unknown) => x is U) => (x: unknown): x is T | U => a(x) || b(x);
const absent = (x: unknown): x is null => x === null;
const one = <T extends string>(...names: T[]) => (x: unknown): x is T => string(x) && (names as string[]).includes(x);

function page(x: unknown): x is BroughtPage {
  if (typeof x !== 'object' || x === null) return false;
  const p = x as Record<string, unknown>;
  const labels = p.labels === undefined || (typeof p.labels === 'object' && p.labels !== null && Object.values(p.labels).every(string));
  return string(p.name) && (string(p.text) || string(p.base64)) && Number.isFinite(p.time) && (p.format === undefined || string(p.format)) && labels;
}

const CHECKS: { [K in keyof State]: (x: unknown) => x is State[K] } = {
  mode: one('query', 'script'),
  query: string,
  lesson: string,
  instant: flag,
  range: length,
  end: or(absent, (x): x is number => typeof x === 'number' && Number.isFinite(x)),
  step: or(absent, length),
  tab: one('graph', 'heat', 'table'),
  side: one('plan', 'data'),
  node: or(absent, list(index)),
  stacked: flag,
  log: flag,
  filter: string,
  hidden: list(string),
  heat: string,
  bars: one('rank', 'linear'),
  script: string,
  experimental: flag,
  pages: or(absent, list(page)),
};

/** What differs from the first state: links stay short, and old ones keep their meaning. */
export function differences(state: State): Partial<State> {
  const entries = Object.entries(state).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(FIRST[key as keyof State]));
  return Object.fromEntries(entries) as Partial<State>;
}

/** A state from whatever a link or file held: what is not of the right shape is left out. */
export function restore(found: unknown): State {
  const state: State = { ...FIRST };
  if (typeof found !== 'object' || found === null) return state;
  for (const key of Object.keys(CHECKS) as (keyof State)[]) {
    const value = (found as Record<string, unknown>)[key];
    if (value !== undefined && CHECKS[key](value)) Object.assign(state, { [key]: value });
  }
  // a query that came without its lesson is nobody's
  if (!('lesson' in found) && state.query !== FIRST.query) state.lesson = '';
  return state;
}
