import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createEngine } from 'ferula';
import { runGolden } from './golden.mjs';

// Folders beside golden/, such as the reference's own scripts, may be named: GOLDEN=folder:folder.
const folders = [new URL('../../golden/', import.meta.url).pathname, ...(process.env.GOLDEN?.split(':').filter(Boolean) ?? [])];

test('all golden scripts hold', async () => {
  const scripts = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.test'))
      .sort()
      .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') })),
  );
  const engine = await createEngine();
  const tally = await runGolden(engine, scripts);
  engine.dispose();
  console.log(`golden scripts in WebAssembly: ${tally.passed} passed, ${tally.failed} failed`);
  // What the native program counted, where the caller knows it.
  if (process.env.NATIVE_TALLY) assert.equal(`${tally.passed} passed, ${tally.failed} failed`, process.env.NATIVE_TALLY);
  assert.deepEqual(tally.failures, []);
  assert.ok(tally.passed > 400, `${tally.passed} evals`);
});
