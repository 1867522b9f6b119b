// The engine on the thread that asks, whose stack is as small as a browser's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSyncEngine, FerulaError } from 'ferula/sync';

const engine = await createSyncEngine();

test('it answers at once', () => {
  const { end } = engine.loadDemo();
  assert.equal(engine.query('count(up)', end).values[0], 3);
  assert.throws(() => engine.query('up[', end), (e) => e instanceof FerulaError && e.kind === 'parse');
});

test('what is undefined is as if it were not named', () => {
  const report = engine.load({ content: 'jobs 7\n', format: undefined, time: 1000, name: undefined }, { replace: undefined });
  assert.equal(report.pages[0].samples, 1);
  assert.equal(engine.query('jobs', 1000, { plan: undefined, lookbackMs: undefined }).values[0], 7);
});

test('the longest and deepest expressions fit the stack', () => {
  const { end } = engine.loadDemo();
  const range = { start: end - 600_000, end, step: 60_000 };
  const chains = [' + 1', ' + up', ' or up', ' and up', ' * on (instance) up'].map((part) => 'up' + part.repeat(128));
  const nests = ['sum(', 'rate(', '-', '('].map((open) =>
    open === 'rate('
      ? 'max_over_time('.repeat(60) + 'up' + '[5m:1m])'.repeat(60)
      : open.repeat(120) + 'up' + (open === '-' ? '' : ')'.repeat(120)),
  );
  for (const query of [...chains, ...nests, 'sum('.repeat(120) + 'up' + ' + 1'.repeat(128) + ')'.repeat(120)]) {
    engine.queryRange(query, range, { plan: true });
    engine.query(query, end);
    engine.format(query);
    engine.parse(query);
    engine.explain(query, range);
  }
});

test('after a crash it refuses everything', () => {
  assert.throws(() => engine.panicForTests(), (e) => e.kind === 'crash' && /wasm-function\[\d+\]/.test(e.message));
  assert.throws(() => engine.check('up'), (e) => e.kind === 'crash' && /before/.test(e.message));
});
