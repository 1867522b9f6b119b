// Times and lengths of time, as people write them. Everything is UTC, milliseconds inside.

const UNITS: readonly [string, number][] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** `1h30m` or seconds; undefined if it is neither, or not above 0. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const ms = Math.round(Number(trimmed) * 1000);
    return ms > 0 ? ms : undefined;
  }
  if (!/^(\d+(ms|[ywdhms]))+$/.test(trimmed)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    ms += Number(amount) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return ms > 0 ? ms : undefined;
}

/** The shortest way to write it: `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return '0s';
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, length] of UNITS) {
    // nobody reads ranges in years or weeks
    if (unit === 'y' || unit === 'w') continue;
    const amount = Math.floor(rest / length);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * length;
  }
  return text;
}

/** `2026-01-01 12:00:00`, with milliseconds only if there are any. */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  return date.toISOString().replace('T', ' ').replace(/(\.000)?Z$/, '');
}

/** What `formatTime` writes, RFC 3339, a date alone, or Unix seconds. */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  if (!/^\d{4}-\d\d-\d\d/.test(trimmed)) return undefined;
  let iso = trimmed.replace(' ', 'T');
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(iso)) iso += iso.includes('T') ? 'Z' : 'T00:00Z';
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? undefined : ms;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
/** More points than this are not told apart on a screen. */
const POINTS = 250;

/** A round step that shows the range in about as many points as a graph can show. */
export function autoStep(range: number): number {
  return axisGap(range / POINTS);
}

/** The next round length of time that is at least this long. */
export function axisGap(least: number): number {
  return (STEPS.find((step) => step * 1000 >= least) ?? Math.ceil(least / 86_400_000) * 86_400) * 1000;
}

/** A value in few digits, exact if it is short. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(3);
  return String(size >= 1e4 ? Math.round(value * 100) / 100 : Number(value.toPrecision(5)));
}

/** A value with all its digits. */
export function exactValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

const PREFIXES: readonly [number, string][] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** A value for an axis: short. */
export function axisValue(value: number): string {
  const size = Math.abs(value);
  for (const [factor, prefix] of PREFIXES) if (size >= factor * 10 || (size >= factor && size >= 1e6)) return `${Number((value / factor).toPrecision(4))}${prefix}`;
  if (size !== 0 && size < 1e-4) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

export function formatMs(ms: number): string {
  if (ms < 0.1) return '<0.1 ms';
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function formatBytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : `${bytes} bytes`;
}
