// Why an answer is empty: the first part of the plan that made nothing, and a name that is near.

import type { Engine, PlanNode, Span } from 'ferula';

export interface Why {
  text: string;
  /** What exists, and the place in the query of what does not. */
  instead?: Span & { name: string };
}

/** The innermost part that came out empty though what it reads did not. */
function culprit(node: PlanNode): PlanNode | undefined {
  for (const child of node.children) {
    const found = culprit(child);
    if (found) return found;
  }
  return node.measured && node.measured.series === 0 ? node : undefined;
}

/** How many letters have to be changed, added or taken away; at most `most`, else more than that. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}

/** The name that is nearest to one that does not exist, if any is near. */
function nearest(wrong: string, names: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(wrong.length / 4));
  const near = names.map((name) => ({ name, off: distance(wrong, name, most) })).filter(({ off }) => off <= most);
  near.sort((a, b) => a.off - b.off);
  return near[0]?.name;
}

export async function whyEmpty(plan: PlanNode, engine: Engine, query: string): Promise<Why | undefined> {
  const node = culprit(plan);
  if (!node) return undefined;
  const shown = node.query ?? node.text;
  if (node.op !== 'select') return { text: `${shown} left nothing of what it got.` };
  const why = (text: string, instead: string | undefined, place: RegExp): Why => {
    const found = place.exec(query.slice(node.from, node.to));
    const from = node.from + (found?.index ?? 0);
    return { text, ...(instead && found ? { instead: { name: instead, from, to: from + found[0].length } } : {}) };
  };
  const none = { text: `No series matches ${shown} at these times.` };
  const matchers = [...node.text.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => ({ label, value }));
  const name = matchers.find(({ label }) => label === '__name__')?.value;
  if (name === undefined) return none;
  const metrics = await engine.metrics();
  const metric = metrics.find((one) => one.name === name);
  const literally = (text: string) => text.replace(/\W/g, '\\$&');
  if (!metric) {
    const names = metrics.map((one) => one.name);
    return why(`No metric is called ${name}.`, nearest(name, names), new RegExp(literally(name)));
  }
  const labels = metric.labels.map((label) => label.name);
  for (const { label, value } of matchers) {
    // what is escaped looks different in the data
    if (label === '__name__' || value === '' || value.includes('\\')) continue;
    if (!labels.includes(label)) {
      return why(`${name} has no label ${label}${labels.length > 0 ? `, but ${labels.join(', ')}` : ''}.`, nearest(label, labels), new RegExp(`\\b${label}(?=\\s*=)`));
    }
    const values = await engine.labelValues(label, name);
    if (!values.includes(value)) return why(`No ${label} of ${name} is "${value}".`, nearest(value, values), new RegExp(`(?<=")${literally(value)}(?=")`));
  }
  return none;
}
