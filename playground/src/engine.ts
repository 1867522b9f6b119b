// The engines: one answers queries over the data, the other, without data, checks what is being
// typed and runs scripts, so that neither waits for a slow query. Each has its own worker.

import { createEngine, FerulaError, type CreateOptions, type DataReport, type Engine } from 'ferula';

export { FerulaError };

const here = (file: string) => new URL(`./${file}`, import.meta.url);
const worker = () => new Worker(here('worker.js'), { type: 'module' });

/** The module is fetched and compiled once, and handed to every worker. */
async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(here('ferula_bg.wasm'), { credentials: 'same-origin' });
  performance.mark('fetched');
  if (!response.ok) throw new Error(`ferula_bg.wasm cannot be had: ${response.status} ${response.statusText}`);
  // a server that does not know the type of .wasm files is no reason to fail
  return response.headers.get('content-type') === 'application/wasm' ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

// Both begin before the page is built: the first result waits for them.
const compiled = compile();
compiled.then(
  () => performance.mark('compiled'),
  // told by whoever waits for it
  () => {},
);
const first = worker();
let ready: Worker | undefined = first;

/** Settled when the first worker is at work, or never will be. */
export const begun: Promise<unknown> = new Promise((resolve) => {
  for (const event of ['message', 'error']) first.addEventListener(event, resolve, { once: true });
  compiled.catch(resolve);
});

async function start(options: CreateOptions = {}): Promise<Engine> {
  return createEngine({ ...options, wasm: await compiled });
}

// Without a link, the page begins with the demo: it is made while the page is still being built.
let early = location.hash.length <= 1;

export const main: Promise<Engine> = start({
  demo: early,
  worker: () => {
    const made = ready ?? worker();
    ready = undefined;
    return made;
  },
});

/** Whether the demo is made already, or on its way: questions wait for it in the worker. */
export const comes = (): boolean => early;

export async function demo(): Promise<DataReport> {
  const there = early;
  early = false;
  const engine = await main;
  return there ? engine.data() : engine.loadDemo();
}

let other: Promise<Engine> | undefined;

/** The engine without data; started when it is first needed. */
export function aide(): Promise<Engine> {
  other ??= start();
  return other;
}

/** A message for whatever was thrown. */
export function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
