// The worker: one engine, one question after the other. Answers are transferred, not copied.
import { createSyncEngine } from './sync.js';

const port = typeof self === 'undefined' ? (await import('node:worker_threads')).parentPort : self;
let engine;
/** Loaded behind the first answer, which is the version: who waits for the start need not wait for data. */
let demo;

async function answer({ op, args, ...options }) {
  if (op === 'start') {
    engine = createSyncEngine(options);
    demo = options.demo;
    port.postMessage({ begun: true });
    // Told to the first question.
    engine.catch(() => {});
    return;
  }
  let reply;
  const transfer = new Set();
  try {
    const sync = await engine;
    const value = op === 'version' ? sync.version : sync[op](...args);
    columns(value, transfer);
    reply = { value };
  } catch (error) {
    if (error.kind !== undefined && error.kind !== 'crash') {
      const { kind, message, diagnostics, page } = error;
      reply = { error: { kind, message, diagnostics, page } };
    } else {
      reply = { crash: error.message };
    }
  }
  port.postMessage(reply, [...transfer]);
  if (demo && reply.value) {
    demo = false;
    try {
      (await engine).loadDemo();
    } catch {
      // Told to the next question, as any crash.
    }
  }
}

/** The buffers of an answer's columns. */
function columns(value, found) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer);
  else if (value?.histograms || value?.values) for (const part of Object.values(value)) columns(part, found);
  else if (value?.offset) for (const part of Object.values(value)) columns(part, found);
}

if (typeof port.on === 'function') port.on('message', answer);
else port.addEventListener('message', (event) => answer(event.data));
