// How much slower WebAssembly is than one native thread: 3,000 series × 241 steps of
// `sum by (pod) (rate(r[1m]))`. Builds the native side with cargo. Fails past 4 times, which no noise explains;
// the aim is 2.5.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSyncEngine } from './sync.js';

const [series, steps, step, rounds, runs] = [3000, 241, 15_000, 5, 5];
const query = 'sum by (pod) (rate(r[1m]))';
const end = step * (steps - 1) + 60_000;
let script = 'load 15s\n';
for (let i = 0; i < series; i++) script += `  r{pod="p${i % 50}",i="${i}"} ${i}+${(i % 7) + 1}x${steps + 4}\n`;

const engine = await createSyncEngine();
engine.load({ content: script, format: 'script' });
const range = { start: end - step * (steps - 1), end, step };
let sum;
function inWasm() {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const result = engine.queryRange(query, range);
    best = Math.min(best, result.stats.totalMs);
    sum = result.values.reduce((a, b) => a + b, 0);
  }
  return best;
}

const folder = mkdtempSync(join(tmpdir(), 'ferula-bench-'));
const file = join(folder, 'load.test');
writeFileSync(file, script);
const root = new URL('..', import.meta.url).pathname;
const profile = process.env.PROFILE ?? 'release';
const cargo = ['run', '--quiet', '--profile', profile, '--example', 'sum_rate', '--'];
function natively() {
  const out = execFileSync('cargo', [...cargo, file, query, String(end), String(step), String(steps), String(runs)], { cwd: root, encoding: 'utf8' });
  const [best, total] = out.trim().split(' ').map(Number);
  if (Math.abs(total - sum) > 1e-9 * Math.abs(sum)) throw new Error(`answers differ: ${total} natively, ${sum} in WebAssembly`);
  return best;
}

// By turns, so that a busy moment of the machine meets both; of each the best counts.
let [wasm, native] = [Infinity, Infinity];
for (let i = 0; i < rounds; i++) {
  wasm = Math.min(wasm, inWasm());
  native = Math.min(native, natively());
}
rmSync(folder, { recursive: true });
const ratio = wasm / native;
console.log(`${query}, ${series} series × ${steps} steps: ${wasm.toFixed(1)} ms in WebAssembly, ${native.toFixed(1)} ms natively on one thread, ratio ${ratio.toFixed(2)}`);
if (ratio > 4) process.exitCode = 1;
