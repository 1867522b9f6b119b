// The engine on this thread: the module's functions with the shapes of `sync.d.ts`.
import init, { Ferula } from './ferula.js';
import { FerulaError } from './errors.js';

export { FerulaError };

/** The module as `init` takes it: in Node, which cannot fetch files, its bytes. */
async function moduleOf(wasm) {
  const address = typeof wasm === 'string' ? new URL(wasm, import.meta.url) : (wasm ?? new URL('./ferula_bg.wasm', import.meta.url));
  if (address instanceof URL && address.protocol === 'file:' && typeof process === 'object') {
    const { readFile } = await import('node:fs/promises');
    return readFile(address);
  }
  return address;
}

let ready;

export async function createSyncEngine({ wasm } = {}) {
  // One module serves all engines of a thread; the first call says where it comes from.
  ready ??= moduleOf(wasm).then((module_or_path) => init({ module_or_path }));
  await ready;
  return new SyncEngine(new Ferula());
}

/** Options as if those that are undefined had not been named. */
const given = (options) => options && Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Set by the first crash: the memory of the module may be in any state then. */
let crashed;

/** What a crash says, and where in the module it was: a trap itself says nothing. */
function told(error) {
  const places = String(error?.stack).match(/wasm-function\[\d+\]:0x[0-9a-f]+/g) ?? [];
  return [String(error?.message ?? error), ...places.slice(0, 5)].join(', ');
}

class SyncEngine {
  #ferula;

  constructor(ferula) {
    this.#ferula = ferula;
  }

  #call(run) {
    if (crashed) throw new FerulaError({ kind: 'crash', message: `the engine has crashed before: ${crashed}` });
    try {
      return run(this.#ferula);
    } catch (error) {
      // Its own errors are plain objects with a kind; anything else is a defect.
      if (typeof error?.kind === 'string' && !(error instanceof Error)) throw new FerulaError(error);
      crashed = told(error);
      throw new FerulaError({ kind: 'crash', message: crashed });
    }
  }

  get version() {
    return this.#call((f) => f.version);
  }
  load(pages, options) {
    return this.#call((f) => f.load([pages].flat().map(given), given(options)));
  }
  loadDemo() {
    return this.#call((f) => f.loadDemo());
  }
  clear() {
    return this.#call((f) => f.clear());
  }
  data() {
    return this.#call((f) => f.data());
  }
  metrics() {
    return this.#call((f) => f.metrics());
  }
  labelNames(selector) {
    return this.#call((f) => f.labelNames(selector));
  }
  labelValues(label, selector) {
    return this.#call((f) => f.labelValues(label, selector));
  }
  check(query, options) {
    return this.#call((f) => f.check(query, given(options)));
  }
  format(query, options) {
    return this.#call((f) => f.format(query, given(options)));
  }
  parse(query, options) {
    return JSON.parse(this.#call((f) => f.parse(query, given(options))));
  }
  tokens(query, options) {
    return this.#call((f) => f.tokens(query, given(options)));
  }
  complete(query, position, options) {
    return this.#call((f) => f.complete(query, position, given(options)));
  }
  functions() {
    return this.#call((f) => f.functions());
  }
  explain(query, { start, end, step }, options) {
    return this.#call((f) => f.explain(query, start, end, step, given(options)));
  }
  query(query, time, options) {
    return this.#call((f) => f.query(query, time, given(options)));
  }
  queryRange(query, { start, end, step }, options) {
    return this.#call((f) => f.queryRange(query, start, end, step, given(options)));
  }
  runScript(text, options) {
    return this.#call((f) => f.runScript(text, given(options)));
  }
  /** Crashes the engine, for tests. */
  panicForTests() {
    return this.#call((f) => f.panicForTests());
  }
  dispose() {
    this.#ferula.free();
  }
}
