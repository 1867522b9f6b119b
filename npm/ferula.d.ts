/**
 * Ferula in JavaScript: a PromQL parser and query engine, as WebAssembly.
 *
 * Conventions: times are milliseconds since the epoch; lengths of time are milliseconds; places
 * in a text are offsets in UTF-16 units, as editors count; lines and columns count from 1.
 */

/** A part of a text: UTF-16 offsets, the end not included. */
export interface Span {
  from: number;
  to: number;
}

export type Severity = 'error' | 'warning' | 'info';

/** A message about a text, with its place. */
export interface Diagnostic extends Span {
  severity: Severity;
  /** What is wrong, as Prometheus words it; without the position. */
  message: string;
  /** Line and column of `from`. */
  line: number;
  column: number;
  /** What to write instead, if that is known. */
  help?: string;
}

/** Labels of a series in the order of their names, without the metric name. */
export type Labels = Readonly<Record<string, string>>;

export interface Series {
  /** The metric name; empty if there is none. */
  name: string;
  labels: Labels;
  /** Both as PromQL writes them: `up{job="api"}`. */
  text: string;
}

/**
 * Native histograms in columns. Row `i` is the histogram at point `at[i]` of the value column
 * (`series * steps + step`); its buckets are `offset[i] .. offset[i + 1]`, from the lowest on,
 * the zero bucket among them.
 */
export interface HistogramColumns {
  at: Uint32Array;
  /** One longer than `at`. */
  offset: Uint32Array;
  lower: Float64Array;
  upper: Float64Array;
  count: Float64Array;
  /** 0: lower end open, upper closed; 1: lower closed, upper open; 2: both open; 3: both closed. */
  bounds: Uint8Array;
  /** Sum of the observations, and their number: one for each row. */
  sum: Float64Array;
  total: Float64Array;
  /** 1: the boundaries are custom ones rather than exponential. One for each row. */
  custom: Uint8Array;
}

/** One operator of a plan; measured if the query was run with `plan: true`. */
export interface PlanNode extends Span {
  /** Unique in its plan. */
  id: number;
  /** `select`, `call`, `aggregate`, `binary`, `number`, `string`, `subquery`, `negate`, `once`. */
  op: string;
  /** The operator and its settings in one line: `aggregate sum by (path)`. */
  text: string;
  type: 'scalar' | 'vector' | 'matrix' | 'string';
  /**
   * The expression that this node stands for: querying it over the same times gives the node's
   * own result. Absent where no expression has it.
   */
  query?: string;
  children: PlanNode[];
  /** What was measured; absent before the query has run, and on parts that never ran. */
  measured?: {
    /** Series that came out. */
    series: number;
    /** Points that came out, over all steps. */
    points: number;
    /** Samples that were read from storage by this node itself. */
    samples: number;
    /** Time in this node without, and with, its children. */
    selfMs: number;
    totalMs: number;
  };
}

export interface Stats {
  /** Evaluation alone, ms. */
  totalMs: number;
  /** Samples read from storage; only with `plan: true`. */
  samplesRead?: number;
  steps: number;
}

interface Answer {
  /** Warnings and infos. */
  annotations: Diagnostic[];
  stats: Stats;
  /** With `plan: true`. */
  plan?: PlanNode;
}

/** The answer of a range query: every series over the same steps. */
export interface RangeResult extends Answer {
  kind: 'range';
  /** Times of the steps, once for all series. */
  times: Float64Array;
  series: Series[];
  /** Series by series: value of step `j` of series `i` at `i * times.length + j`. */
  values: Float64Array;
  /** 1 where there is a float, 2 where there is a histogram, 0 where there is nothing; by the same index. A NaN with 1 is a real NaN. */
  present: Uint8Array;
  histograms?: HistogramColumns;
}

export interface ScalarResult extends Answer {
  kind: 'scalar';
  time: number;
  value: number;
}

export interface StringResult extends Answer {
  kind: 'string';
  time: number;
  value: string;
}

/** An instant vector: one value a series, in the order of the engine (`sort` holds). */
export interface VectorResult extends Answer {
  kind: 'vector';
  time: number;
  series: Series[];
  values: Float64Array;
  /** 1: float, 2: histogram. */
  present: Uint8Array;
  histograms?: HistogramColumns;
}

/** A range vector: every series has times of its own. */
export interface MatrixResult extends Answer {
  kind: 'matrix';
  series: Series[];
  /** Points of series `i`: `offset[i] .. offset[i + 1]` of the columns below. */
  offset: Uint32Array;
  times: Float64Array;
  values: Float64Array;
  present: Uint8Array;
  /** `at` counts in the columns above. */
  histograms?: HistogramColumns;
}

export type InstantResult = ScalarResult | StringResult | VectorResult | MatrixResult;

/** What the language allows beyond the stable one; all off by default, as in Prometheus. */
export interface LanguageOptions {
  experimentalFunctions?: boolean;
  binopFillModifiers?: boolean;
  unquotedUtf8Names?: boolean;
}

export interface EvalOptions extends LanguageOptions {
  /** How far an instant selector looks back; 5 minutes. */
  lookbackMs?: number;
  /** Budgets; an answer that needs more is a `limit` error. */
  maxSamples?: number;
  maxBytes?: number;
  maxSeries?: number;
  maxSteps?: number;
  /** Told as a `timeout` error; none by default. */
  timeoutMs?: number;
  delayedNameRemoval?: boolean;
  typeAndUnitLabels?: boolean;
  useStartTimestamps?: boolean;
  strictOrder?: boolean;
  /** Measure every node of the plan, and give the plan back. */
  plan?: boolean;
  /** Stops the query: the worker is replaced, the data loaded again. Rejects with `cancelled`. */
  signal?: AbortSignal;
}

export interface TimeRange {
  start: number;
  end: number;
  step: number;
}

export type PageFormat = 'auto' | 'text' | 'openmetrics' | 'openmetrics2' | 'protobuf' | 'script';

/** A metrics page, or the `load` blocks of a test script. */
export interface Page {
  /** Called so in errors and warnings. */
  name?: string;
  content: string | Uint8Array;
  /** `auto` looks at the content. */
  format?: PageFormat;
  /** The time of samples that tell none; now by default. A script's times count from the epoch. */
  time?: number;
  /** Labels of the target: every series gets them. */
  labels?: Record<string, string>;
  honorLabels?: boolean;
  /** Classic histograms become native ones with custom bounds. */
  convertClassicHistograms?: boolean;
}

export interface PageReport {
  name: string;
  format: Exclude<PageFormat, 'auto'>;
  samples: number;
  stored: number;
  /** Left out: a series had a sample at that time already, or takes none so old. */
  duplicates: number;
  tooOld: number;
  /** Series that the scrape before had and this one lacks. */
  stale: number;
  warnings: { line: number; message: string }[];
}

export interface DataReport {
  pages: PageReport[];
  /** All that is loaded now. */
  series: number;
  samples: number;
  bytes: number;
  /** First and last sample; absent if there are none. */
  start?: number;
  end?: number;
}

export interface MetricInfo {
  name: string;
  /** `counter`, `gauge`, `histogram`, `summary`, …; empty if unknown. */
  type: string;
  help: string;
  unit: string;
  /** The family that tells type and help, where it is called otherwise: of `x_bucket`, `x`. */
  family: string;
  series: number;
  /** Whether its samples are native histograms. */
  native: boolean;
  /** Labels with the number of their values, most values first. */
  labels: { name: string; values: number }[];
}

export interface FunctionInfo {
  name: string;
  family: string;
  signature: string;
  doc: string;
  example: string;
  experimental: boolean;
}

export interface Completion {
  label: string;
  kind: 'function' | 'aggregation' | 'keyword' | 'metric' | 'label' | 'value' | 'duration';
  /** Type or signature, short. */
  detail?: string;
  /** A sentence. */
  doc?: string;
  /** What to put in place of `from..to`; the label if absent. */
  insert?: string;
  /** Where the cursor stands after that, counted from the insertion's start; its end if absent. */
  cursor?: number;
}

/** Completions for the text `from..to`, the best first. */
export interface Completions extends Span {
  options: Completion[];
}

export interface Token extends Span {
  class: 'name' | 'metric' | 'keyword' | 'aggregate' | 'number' | 'duration' | 'string' | 'operator' | 'punctuation' | 'invalid';
}

export interface Checked {
  /** At most one error. */
  diagnostics: Diagnostic[];
  /** Type of the expression, if there is no error. */
  type?: 'scalar' | 'vector' | 'matrix' | 'string';
}

/** The tree in the shape of Prometheus's `parse_query` API. */
export interface AstNode {
  type: string;
  [field: string]: unknown;
}

export interface ScriptRow {
  series: string;
  /** As series notation writes values; null: nothing. */
  got: string | null;
  wanted: string | null;
}

export interface ScriptCase {
  /** Line in the script, from 1, and the text of that line. */
  line: number;
  command: string;
  status: 'passed' | 'updated' | 'failed';
  /** What is wrong, in one sentence; of failed ones. */
  problem?: string;
  /** The query that was run, where it is not the one of the script. */
  ran?: string;
  rows?: ScriptRow[];
}

export interface ScriptReport {
  passed: number;
  failed: number;
  updated: number;
  cases: ScriptCase[];
  /** With `update`: the script with expectations that hold, if any changed. */
  updatedText?: string;
  elapsedMs: number;
}

/**
 * - `parse`: the text is not PromQL; `bad`: the query cannot be run like that;
 * - `execution`: the evaluation failed; `limit`, `timeout`, `cancelled`: it was stopped;
 * - `data`: a page or script cannot be read; `unsupported`: not there yet;
 * - `crash`: a defect; the engine was started again with the same data.
 */
export type ErrorKind = 'parse' | 'bad' | 'execution' | 'limit' | 'timeout' | 'cancelled' | 'data' | 'unsupported' | 'crash';

export class FerulaError extends Error {
  readonly kind: ErrorKind;
  /** Where, if there is a place: in the query, or in the page of a `data` error. */
  readonly diagnostics: Diagnostic[];
  /** The page of a `data` error. */
  readonly page?: string;
}

/** The engine, asynchronous: it runs in a worker. One question at a time; others wait. */
export interface Engine {
  readonly version: string;

  /** Adds pages to what is loaded. Nothing of a call is kept if one of its pages is wrong. */
  load(pages: Page | Page[], options?: { replace?: boolean }): Promise<DataReport>;
  /** Replaces everything by the churn service's demo data. */
  loadDemo(): Promise<DataReport>;
  clear(): Promise<DataReport>;
  data(): Promise<DataReport>;
  metrics(): Promise<MetricInfo[]>;
  /** Names of labels, and values of one; of all series, or of those of a metric or selector. */
  labelNames(selector?: string): Promise<string[]>;
  labelValues(label: string, selector?: string): Promise<string[]>;

  check(query: string, options?: LanguageOptions): Promise<Checked>;
  /** In several lines if it is long. Rejects with `parse`. */
  format(query: string, options?: LanguageOptions): Promise<string>;
  parse(query: string, options?: LanguageOptions): Promise<AstNode>;
  tokens(query: string, options?: LanguageOptions): Promise<Token[]>;
  complete(query: string, position: number, options?: LanguageOptions): Promise<Completions>;
  functions(): Promise<FunctionInfo[]>;

  /** The plan of a query, not run. `step` 0 with `start == end` is an instant query. */
  explain(query: string, range: TimeRange, options?: EvalOptions): Promise<PlanNode>;
  query(query: string, time: number, options?: EvalOptions): Promise<InstantResult>;
  queryRange(query: string, range: TimeRange, options?: EvalOptions): Promise<RangeResult>;
  /** Runs a test script over a storage of its own. */
  runScript(text: string, options?: { update?: boolean; signal?: AbortSignal }): Promise<ScriptReport>;

  /** Called when the worker was replaced, and why. */
  onRestart?: (reason: 'cancelled' | 'crash') => void;
  dispose(): void;
}

export interface CreateOptions {
  /** Makes the worker; by default `worker.js` beside this module. */
  worker?: () => Worker;
  /** The WebAssembly module; by default `ferula_bg.wasm` beside the worker. */
  wasm?: URL | string | BufferSource | WebAssembly.Module;
  /** Begin with the demo's data, loaded before the first answer; `data()` tells about it. */
  demo?: boolean;
}

/** Starts an engine in a worker: of the browser, or of Node. */
export function createEngine(options?: CreateOptions): Promise<Engine>;

