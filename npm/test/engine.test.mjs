// The package from Node, as somebody who installed it would use it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createEngine, FerulaError } from 'ferula';

const engine = await createEngine();
after(() => engine.dispose());

const MINUTE = 60_000;
const fails = async (promise, kind) => {
  const error = await promise.then(
    () => assert.fail('it has an answer'),
    (error) => error,
  );
  assert.ok(error instanceof FerulaError, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
};

test('the demo answers instant and range queries', async () => {
  const data = await engine.loadDemo();
  assert.ok(data.series > 100 && data.samples > 100_000 && data.start < data.end - 359 * MINUTE);
  const range = { start: data.end - 60 * MINUTE, end: data.end, step: MINUTE };
  const result = await engine.queryRange('sum by (path) (rate(churn_api_requests_total[5m]))', range, { plan: true });
  assert.equal(result.kind, 'range');
  assert.equal(result.times.length, 61);
  assert.equal(result.times[60], data.end);
  assert.equal(result.values.length, 61 * result.series.length);
  assert.ok(result.present.every((p) => p === 1));
  assert.ok(result.series.some((s) => s.labels.path === '/predict' && s.text === '{path="/predict"}' && s.name === ''));
  const instant = await engine.query('sum by (path) (rate(churn_api_requests_total[5m]))', data.end);
  assert.equal(instant.kind, 'vector');
  for (const [i, s] of instant.series.entries()) {
    const row = result.series.findIndex((r) => r.text === s.text);
    assert.equal(instant.values[i], result.values[row * 61 + 60]);
  }
});

test('every node of the plan is measured', async () => {
  const { end } = await engine.loadDemo();
  const query = 'topk(2, sum by (path) (rate(churn_api_requests_total[5m]))) > 0';
  const { plan, stats } = await engine.queryRange(query, { start: end - 10 * MINUTE, end, step: MINUTE }, { plan: true });
  const nodes = [];
  (function walk(node, depth) {
    nodes.push({ ...node, depth });
    for (const child of node.children) walk(child, depth + 1);
  })(plan, 0);
  assert.deepEqual(
    nodes.map((n) => [n.depth, n.op, n.type]),
    [[0, 'binary', 'vector'], [1, 'aggregate', 'vector'], [2, 'number', 'scalar'], [2, 'aggregate', 'vector'], [3, 'call', 'vector'], [4, 'select', 'matrix'], [1, 'number', 'scalar']],
  );
  const select = nodes.find((n) => n.op === 'select');
  assert.ok(select.measured.samples > 0 && select.measured.series > 0 && select.measured.samples === stats.samplesRead);
  assert.equal(query.slice(select.from, select.to), 'churn_api_requests_total[5m]');
  const sum = nodes[3];
  assert.equal(sum.query, 'sum by (path) (rate(churn_api_requests_total[5m]))');
  const own = await engine.queryRange(sum.query, { start: end - 10 * MINUTE, end, step: MINUTE });
  assert.equal(own.series.length, sum.measured.series);
  assert.equal(own.present.filter((p) => p > 0).length, sum.measured.points);
  assert.ok(nodes.every((n) => n.measured.totalMs >= n.measured.selfMs));
  const explained = await engine.explain(query, { start: end, end, step: 0 });
  assert.equal(explained.measured, undefined);
  assert.equal(explained.children.length, plan.children.length);
});

test('errors have kinds and places', async () => {
  const error = await fails(engine.queryRange('"é" == rat(up[5m])', { start: 0, end: 0, step: 1 }), 'parse');
  assert.deepEqual({ ...error.diagnostics[0] }, {
    from: 7, to: 10, severity: 'error', message: 'unknown function with name "rat"', line: 1, column: 8, help: 'write `rate`',
  });
  await engine.load({ content: 'a{x="1",y="1"} 1\na{x="1",y="2"} 1\nb{x="1"} 1\n', time: 0 }, { replace: true });
  const many = await fails(engine.query('b + on (x) a', 0), 'execution');
  assert.equal(many.diagnostics.length, 1);
  await fails(engine.queryRange('a[5m]', { start: 0, end: 1, step: 1 }), 'bad');
  await fails(engine.queryRange('a', { start: 0, end: 1, step: 0 }), 'bad');
  await fails(engine.query('a', NaN), 'bad');
  await fails(engine.queryRange('a', { start: 0, end: 1e9, step: 1 }, { maxSteps: 10 }), 'limit');
  await fails(engine.queryRange('sum(rate(a[1h]))', { start: 0, end: 1e6, step: 1 }, { timeoutMs: 1 }), 'timeout');
  const data = await fails(engine.load({ name: 'x.prom', content: 'a 1\nb{c=d} 2\n' }), 'data');
  assert.equal(data.page, 'x.prom');
  assert.equal(data.diagnostics[0].line, 2);
});

test('annotations point at their expression', async () => {
  await engine.load({ content: 'load 1m\n  g 1 2 3\n', format: 'script' }, { replace: true });
  const { annotations } = await engine.query('1 + rate(g[5m])', 2 * MINUTE);
  assert.deepEqual(annotations.map((a) => [a.severity, a.from]), [['info', 9]]);
  assert.match(annotations[0].message, /might not be a counter/);
});

test('all kinds of results', async () => {
  await engine.load({ content: 'load 1m\n  g 1 _ NaN 4\n  h {{schema:0 sum:5 count:4 buckets:[1 2 1]}}x3\n', format: 'script' }, { replace: true });
  assert.deepEqual(await engine.query('1 + 1', 5).then(({ kind, time, value }) => ({ kind, time, value })), { kind: 'scalar', time: 5, value: 2 });
  assert.equal((await engine.query('"é"', 5)).value, 'é');
  const matrix = await engine.query('g[5m]', 3 * MINUTE);
  assert.deepEqual([...matrix.offset], [0, 3]);
  assert.deepEqual([...matrix.times], [0, 2 * MINUTE, 3 * MINUTE]);
  assert.deepEqual([...matrix.values], [1, NaN, 4]);
  const range = await engine.queryRange('last_over_time(g[1m])', { start: 0, end: 3 * MINUTE, step: MINUTE });
  assert.deepEqual([...range.present], [1, 0, 1, 1]);
  const h = await engine.query('h', 2 * MINUTE);
  assert.deepEqual([...h.present], [2]);
  assert.deepEqual([[...h.histograms.lower], [...h.histograms.upper], [...h.histograms.count]], [[0.5, 1, 2], [1, 2, 4], [1, 2, 1]]);
  assert.deepEqual([h.histograms.sum[0], h.histograms.total[0]], [5, 4]);
});

test('pages of several kinds, packed ones too', async () => {
  const { gzipSync } = await import('node:zlib');
  const scrape = (time, text) => ({ content: text, time, labels: { job: 'j' } });
  const report = await engine.load(
    [
      scrape(2 * MINUTE, 'a 2\n'),
      scrape(MINUTE, 'a 1\nb 1\n'),
      { content: gzipSync('packed 1\n'), time: 0 },
      { content: '# TYPE o counter\n# HELP o Some.\no_total 1\n# EOF\n', format: 'openmetrics', time: 0 },
      { content: 'load 1m\n  s 1 2 3\n' },
    ],
    { replace: true },
  );
  assert.deepEqual(report.pages.map((p) => [p.format, p.stored, p.stale]), [['text', 1, 1], ['text', 2, 0], ['text', 1, 0], ['openmetrics', 1, 0], ['script', 3, 0]]);
  const metrics = await engine.metrics();
  assert.deepEqual(metrics.map((m) => m.name), ['a', 'b', 'o_total', 'packed', 's']);
  const o = metrics.find((m) => m.name === 'o_total');
  assert.deepEqual([o.type, o.help, o.family], ['counter', 'Some.', 'o']);
  assert.deepEqual(await engine.labelNames(), ['__name__', 'job']);
  assert.deepEqual(await engine.labelValues('job', 'a'), ['j']);
});

test('an engine can begin with the demo, and has it again after a crash', async () => {
  const begun = await createEngine({ demo: true });
  const { series } = await begun.data();
  assert.ok(series > 300);
  await assert.rejects(begun.panicForTests(), { kind: 'crash' });
  assert.equal((await begun.data()).series, series);
  begun.dispose();
});

test('texts: check, format, parse, tokens, complete, functions', async () => {
  await engine.loadDemo();
  assert.deepEqual(await engine.check('rate(up[5m])'), { diagnostics: [], type: 'vector' });
  assert.equal((await engine.check('rate(up)')).diagnostics[0].help, 'write a range: `up[5m]`');
  assert.equal(await engine.format('SUM by(job)(up)'), 'sum by (job) (up)');
  assert.equal((await engine.parse('up + 1')).type, 'binaryExpr');
  assert.deepEqual((await engine.tokens('"é" + up')).map((t) => [t.from, t.to, t.class]), [[0, 3, 'string'], [4, 5, 'operator'], [6, 8, 'name']]);
  const { options, from, to } = await engine.complete('rate(churn_api_requ', 19);
  assert.ok(options.some((o) => o.label === 'churn_api_requests_total' && o.kind === 'metric' && o.detail === 'counter'));
  assert.deepEqual([from, to], [5, 19]);
  assert.ok((await engine.functions()).some((f) => f.name === 'rate' && f.signature.startsWith('rate(')));
});

test('regular expressions know what RE2 knows', async () => {
  await engine.load({ content: 'load 1m\n  m{v="straße"} 1\n  m{v="ΑΒΓ"} 1\n  m{v="x9"} 1\n', format: 'script' }, { replace: true });
  const found = async (pattern) => (await engine.query(`m{v=~"${pattern}"}`, 0)).series.map((s) => s.labels.v);
  assert.deepEqual(await found('\\\\p{Greek}+'), ['ΑΒΓ']);
  assert.deepEqual(await found('(?i)αβγ'), ['ΑΒΓ']);
  assert.deepEqual(await found('\\\\pL+'), ['straße', 'ΑΒΓ']);
  assert.deepEqual(await found('[[:alpha:]]\\\\d'), ['x9']);
  assert.deepEqual(await found('\\\\w+\\\\b'), ['x9']);
  assert.deepEqual(await found('stra.e'), ['straße']);
});

test('deep and long expressions end in an answer or a typed error', async () => {
  const deep = (n, open, close) => open.repeat(n) + '1' + close.repeat(n);
  for (const [open, close] of [['(', ')'], ['-', ''], ['sum(', ')'], ['abs(', ')'], ['vector(', ')']]) {
    for (const n of [100, 127, 128, 5000]) {
      const inner = open === 'sum(' || open === 'abs(' ? deep(n, open, close).replace('1', 'vector(1)') : deep(n, open, close);
      const kind = await engine.query(inner, 0, { plan: true }).then((r) => r.kind, (e) => e.kind);
      assert.notEqual(kind, 'crash', `${n} × ${open}`);
    }
  }
  for (const n of [100, 128, 129, 20_000]) {
    for (const part of [' + 1', ' + m', ' or vector(1)', ' ^ 1']) {
      const query = '1' + part.repeat(n);
      const run = part === ' or vector(1)' ? 'vector(1)' + part.repeat(n) : query;
      for (const ask of ['query', 'format', 'parse', 'check', 'tokens']) {
        const kind = await engine[ask](run, 0).then(() => 'answer', (e) => e.kind);
        assert.notEqual(kind, 'crash', `${ask} ${n} × ${part}`);
      }
    }
  }
});

test('a slow query is cancelled, and the data is still there', async () => {
  const { end } = await engine.loadDemo();
  const restarts = [];
  engine.onRestart = (reason) => restarts.push(reason);
  const abort = new AbortController();
  const slow = engine.queryRange('sum(rate({__name__=~"churn.+"}[6h]))', { start: end - 3_600_000, end, step: 100 }, { signal: abort.signal });
  const next = engine.query('count(up)', end);
  setTimeout(() => abort.abort(), 100);
  await fails(slow, 'cancelled');
  assert.equal((await next).values[0], 3);
  assert.deepEqual(restarts, ['cancelled']);
  engine.onRestart = undefined;
});

test('a crash is told, and a new worker answers', async () => {
  const { end } = await engine.loadDemo();
  const restarts = [];
  engine.onRestart = (reason) => restarts.push(reason);
  const error = await fails(engine.panicForTests(), 'crash');
  assert.match(error.message, /wasm-function\[\d+\]/);
  assert.equal((await engine.query('count(up)', end)).values[0], 3);
  assert.deepEqual(restarts, ['crash']);
  engine.onRestart = undefined;
});

test('a test script tells what differs, and what would hold', async () => {
  const text = 'load 1m\n  m 1 2\n\neval instant at 1m m\n  m 2\n\neval instant at 1m m * 2\n  {} 5\n\neval instant at 1m m +\n';
  const report = await engine.runScript(text);
  assert.deepEqual(report.cases.map((c) => [c.line, c.status]), [[4, 'passed'], [7, 'failed'], [10, 'failed']]);
  assert.deepEqual([report.passed, report.failed], [1, 2]);
  assert.ok(report.cases[1].rows.length > 0);
  const updated = await engine.runScript(text, { update: true });
  assert.match(updated.updatedText, /\{\} 4/);
});
