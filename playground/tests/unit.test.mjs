// The parts of the page that need no page: times, names, states, links, histograms.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'playground-'));
after(() => rmSync(folder, { recursive: true }));
const parts = ['times', 'names', 'state', 'share', 'histograms', 'pages', 'lessons'];
await build({
  stdin: { contents: parts.map((part) => `export * as ${part} from './src/${part}.ts';`).join('\n'), resolveDir: new URL('..', import.meta.url).pathname },
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'parts.mjs'),
});
const { times, names, state, share, histograms, pages, lessons } = await import(join(folder, 'parts.mjs'));

test('durations are read and written', () => {
  for (const [text, ms] of [['15s', 15_000], ['1h30m', 5_400_000], ['500ms', 500], ['2', 2000], ['1d', 86_400_000]]) assert.equal(times.parseDuration(text), ms, text);
  for (const text of ['', '0', '0s', '-5m', '5x', 'm']) assert.equal(times.parseDuration(text), undefined, text);
  assert.equal(times.formatDuration(5_400_000), '1h30m');
  assert.equal(times.parseDuration(times.formatDuration(90_061_001)), 90_061_001);
});

test('times are UTC, in several notations', () => {
  const noon = Date.UTC(2026, 0, 1, 12);
  for (const text of ['2026-01-01 12:00:00', '2026-01-01T12:00:00Z', '2026-01-01T13:00:00+01:00', '2026-01-01 12:00', String(noon / 1000)]) assert.equal(times.parseTime(text), noon, text);
  assert.equal(times.parseTime('2026-01-01'), Date.UTC(2026, 0, 1));
  for (const text of ['', 'noon', '2026-13-01']) assert.equal(times.parseTime(text), undefined, text);
  assert.equal(times.parseTime(times.formatTime(noon + 123)), noon + 123);
});

test('steps are round, and not many more than a graph can show', () => {
  assert.equal(times.autoStep(3_600_000), 15_000);
  for (const range of [1000, 60_000, 3_600_000, 86_400_000, 400 * 86_400_000]) assert.ok(range / times.autoStep(range) <= 251, String(range));
});

test('values are short but never wrong in kind', () => {
  assert.equal(times.formatValue(NaN), 'NaN');
  assert.equal(times.formatValue(-Infinity), '-Inf');
  assert.equal(times.formatValue(0.1 + 0.2), '0.3');
  assert.equal(times.exactValue(0.1 + 0.2), '0.30000000000000004');
  assert.equal(times.formatMs(0.04), '<0.1 ms');
});

const series = (name, labels) => ({ name, labels, text: name + JSON.stringify(labels) });

test('series are called by what tells them apart', () => {
  const found = names.nameSeries([series('up', { job: 'api', instance: 'a' }), series('up', { job: 'api', instance: 'b' })]);
  assert.deepEqual(found, { each: ['{instance="a"}', '{instance="b"}'], common: 'up{job="api"}' });
  assert.deepEqual(names.nameSeries([series('a', {}), series('b', {})]), { each: ['a', 'b'], common: '' });
  assert.ok(names.filterFor('/^a.c$/')('abc'));
  assert.ok(!names.filterFor('a x')('abc'));
  assert.equal(names.filterFor('/(/'), undefined);
});

test('a link gives the same state', async () => {
  const page = { name: 'µ', text: 'x{a="é"} 1\n', time: 5, labels: { job: 'a' } };
  const changed = { ...state.FIRST, query: 'up{a="<b>"}', lesson: '', instant: true, end: 12, step: 1000, node: [0, 1], hidden: ['x'], pages: [page], script: 'load 1m\n' };
  const link = await share.fragment(changed);
  assert.match(link, /^s=[\w-]+$/);
  assert.deepEqual(await share.fromFragment(`#${link}`), changed);
  assert.deepEqual(share.fromFile(share.toFile(changed)), changed);
  assert.equal(await share.fragment(state.FIRST), '');
  assert.deepEqual(await share.fromFragment(''), state.FIRST);
});

test('what is no state is refused, what is of the wrong shape left out', async () => {
  await assert.rejects(share.fromFragment('#s=brokenlink'));
  await assert.rejects(share.fromFragment('#q=up'));
  assert.equal(share.fromFile('{"name":"another file"}'), undefined);
  const odd = state.restore({ query: 7, range: -1, tab: 'script', pages: [{ name: 'x' }], node: ['a'], log: true, extra: 1 });
  assert.deepEqual(odd, { ...state.FIRST, log: true });
});

test('pages survive as text or as bytes', () => {
  const bytes = { name: 'a', content: new Uint8Array([0xff, 0, 1]), format: 'protobuf', time: 1, labels: {} };
  const back = pages.toPage(pages.fromPage(bytes));
  assert.deepEqual([...back.content], [0xff, 0, 1]);
  assert.equal(pages.fromPage({ name: 'a', content: new TextEncoder().encode('up 1'), time: 1 }).text, 'up 1');
  assert.deepEqual(pages.parseLabels('{job="a", x="b\\"c"}'), { job: 'a', x: 'b"c' });
  assert.equal(pages.parseLabels('job=a'), undefined);
});

test('classic buckets become histograms: counts of each, not of all below', () => {
  const result = {
    kind: 'range',
    times: Float64Array.of(0, 1),
    series: ['+Inf', '0.1', '1'].map((le) => series('b', { le })),
    values: Float64Array.of(10, 20, 4, 8, 9, 19),
    present: new Uint8Array(6).fill(1),
  };
  const [track] = histograms.tracks(result);
  assert.deepEqual(track.steps[1].buckets.map(({ text, count }) => [text, count]), [['(0, 0.1]', 8], ['(0.1, 1]', 11], ['(1, +Inf]', 1]]);
  assert.equal(track.steps[0].total, 10);
});

test('lessons have names of their own', () => {
  const ids = lessons.LESSONS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes(lessons.OPENING));
});
