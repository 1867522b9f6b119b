// The client: sends questions to a worker, one at a time, and replaces the worker when a question
// is cancelled or the engine crashed. What was loaded is kept here as pages, and loaded again then.
import { FerulaError } from './errors.js';

export { FerulaError };

const METHODS = [
  'data', 'metrics', 'labelNames', 'labelValues', 'check', 'format', 'parse', 'tokens', 'complete', 'functions', 'explain', 'query',
  'queryRange', 'runScript',
  // Crashes the engine, for tests.
  'panicForTests',
];

class Client {
  onRestart;
  #make;
  #wasm;
  #worker;
  #waiting = [];
  #asked;
  #disposed = false;
  /** What was loaded: `'demo'`, or the pages of one call. */
  #loaded;
  version = '';

  constructor({ worker, wasm, demo }) {
    this.#make = worker;
    this.#wasm = wasm;
    this.#loaded = demo ? ['demo'] : [];
  }

  async start() {
    this.#spawn(this.#loaded.length > 0);
    this.version = await this.#ask('version', []);
    return this;
  }

  #spawn(demo = false) {
    const worker = this.#make();
    this.#worker = worker;
    listen(worker, (reply) => this.#answer(worker, reply));
    worker.postMessage({ op: 'start', wasm: this.#wasm instanceof URL ? this.#wasm.href : this.#wasm, demo });
  }

  /** Puts a question in the queue. */
  #ask(op, args, signal) {
    return new Promise((resolve, reject) => {
      if (this.#disposed) return reject(new FerulaError({ kind: 'cancelled', message: 'the engine was disposed of' }));
      if (signal?.aborted) return reject(cancelled());
      const question = { op, args, resolve, reject, signal };
      question.abort = () => {
        const index = this.#waiting.indexOf(question);
        if (index >= 0) {
          this.#waiting.splice(index, 1);
          this.#settle(question, () => reject(cancelled()));
        } else if (this.#asked === question) {
          this.#restart('cancelled', cancelled());
        }
      };
      signal?.addEventListener('abort', question.abort);
      this.#waiting.push(question);
      this.#next();
    });
  }

  #next() {
    if (this.#asked || this.#waiting.length === 0) return;
    this.#asked = this.#waiting.shift();
    const { op, args } = this.#asked;
    this.#worker.postMessage({ op, args });
  }

  #answer(worker, reply) {
    const question = this.#asked;
    if (worker !== this.#worker || !question || reply.begun) return;
    if (reply.crash !== undefined) {
      this.#restart('crash', new FerulaError({ kind: 'crash', message: reply.crash }));
      return;
    }
    this.#asked = undefined;
    this.#settle(question, () => (reply.error ? question.reject(new FerulaError(reply.error)) : question.resolve(reply.value)));
    this.#next();
  }

  #settle(question, how) {
    question.signal?.removeEventListener('abort', question.abort);
    how();
  }

  /** Ends the worker with the question that it is busy with; the others go to a new one. */
  #restart(reason, error) {
    this.#worker.terminate();
    const question = this.#asked;
    this.#asked = undefined;
    this.#spawn();
    const again = this.#loaded.map((pages) => ({
      op: pages === 'demo' ? 'loadDemo' : 'load',
      args: pages === 'demo' ? [] : [pages],
      resolve() {},
      reject() {},
    }));
    this.#waiting.unshift(...again);
    if (question) this.#settle(question, () => question.reject(error));
    this.onRestart?.(reason);
    this.#next();
  }

  async load(pages, options = {}) {
    const list = await Promise.all([pages].flat().map(unpacked));
    const report = await this.#ask('load', [list, options]);
    this.#loaded = options.replace ? [list] : [...this.#loaded, list];
    return report;
  }

  async loadDemo() {
    const report = await this.#ask('loadDemo', []);
    this.#loaded = ['demo'];
    return report;
  }

  async clear() {
    const report = await this.#ask('clear', []);
    this.#loaded = [];
    return report;
  }

  dispose() {
    this.#disposed = true;
    this.#worker.terminate();
    const gone = () => new FerulaError({ kind: 'cancelled', message: 'the engine was disposed of' });
    for (const question of [this.#asked, ...this.#waiting]) if (question) this.#settle(question, () => question.reject(gone()));
    this.#waiting = [];
    this.#asked = undefined;
  }

  static {
    for (const op of METHODS) {
      this.prototype[op] = function (...args) {
        const last = args.at(-1);
        let signal;
        if (last !== null && typeof last === 'object' && 'signal' in last) {
          const { signal: found, ...rest } = last;
          signal = found;
          args[args.length - 1] = rest;
        }
        return this.#ask(op, args, signal);
      };
    }
  }
}

/** A page without the gzip around it. */
async function unpacked(page) {
  const { content } = page;
  if (!(content instanceof Uint8Array) || content[0] !== 0x1f || content[1] !== 0x8b) return page;
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return { ...page, content: new Uint8Array(await new Response(stream).arrayBuffer()) };
  } catch (error) {
    throw new FerulaError({ kind: 'data', message: `the page is broken as gzip: ${error.message}`, page: page.name });
  }
}

const cancelled = () => new FerulaError({ kind: 'cancelled', message: 'the query was cancelled' });

/** Hears the worker's answers and its crashes, whether it is a browser's worker or Node's. */
function listen(worker, hear) {
  const crash = (event) => hear({ crash: String(event?.message ?? event) });
  if (typeof worker.on === 'function') {
    worker.on('message', hear);
    worker.on('error', crash);
  } else {
    worker.addEventListener('message', (event) => hear(event.data));
    worker.addEventListener('error', crash);
    worker.addEventListener('messageerror', crash);
  }
}

const defaultWorker = async () => {
  if (typeof Worker === 'function') return () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  const { Worker: NodeWorker } = await import('node:worker_threads');
  return () => new NodeWorker(new URL('./worker.js', import.meta.url));
};

/** Starts an engine in a worker. See `ferula.d.ts`. */
export async function createEngine({ worker, wasm, demo } = {}) {
  const client = new Client({ worker: worker ?? (await defaultWorker()), wasm, demo });
  return client.start();
}
