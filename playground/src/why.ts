// Why an answer is empty: the first part of the plan that made nothing, and a name that is near.

import type { Engine, PlanNode, Span } from 'ferula';

export interface Why {
  text: string;
  /** A name that exists, and the place of the one that does not. */
  instead?: { name: string; wrong: string; span: Span };
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

export async function whyEmpty(plan: PlanNode, engine: Engine): Promise<Why | undefined> {
  const node = culprit(plan);
  if (!node) return undefined;
  if (node.op !== 'select') return { text: `${node.query ?? node.text} left nothing of what it got.` };
  const name = node.text.match(/__name__="((?:[^"\\]|\\.)*)"/)?.[1];
  const metrics = await engine.metrics();
  if (name === undefined || metrics.some((metric) => metric.name === name)) {
    return { text: `No series matches ${node.query ?? node.text} at these times.` };
  }
  const most = Math.max(2, Math.floor(name.length / 4));
  const near = metrics.map((metric) => ({ name: metric.name, off: distance(name, metric.name, most) })).filter(({ off }) => off <= most);
  near.sort((a, b) => a.off - b.off);
  const [best] = near;
  return { text: `No metric is called ${name}.`, ...(best ? { instead: { name: best.name, wrong: name, span: node } } : {}) };
}
