// Pages of metrics that the person brought: kept as they came, put in words for links and files.

import type { Page, PageFormat } from 'ferula';
import { fromBase64, toBase64 } from './share.ts';
import type { BroughtPage } from './state.ts';

export interface Brought extends Page {
  name: string;
  time: number;
}

export function toPage(page: BroughtPage): Brought {
  const content = page.text ?? fromBase64(page.base64 ?? '');
  return { name: page.name, content, format: (page.format ?? 'auto') as PageFormat, time: page.time, labels: page.labels ?? {} };
}

export function fromPage(page: Brought): BroughtPage {
  const { name, content, format, time, labels } = page;
  const rest = { name, time, ...(format && format !== 'auto' ? { format } : {}), ...(labels && Object.keys(labels).length > 0 ? { labels } : {}) };
  if (typeof content === 'string') return { ...rest, text: content };
  try {
    return { ...rest, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    return { ...rest, base64: toBase64(content) };
  }
}

export function size(pages: readonly Brought[]): number {
  return pages.reduce((sum, page) => sum + page.content.length, 0);
}

/** `job="api", instance="a"` as labels; undefined if it is not that. */
export function parseLabels(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let rest = text.trim().replace(/^\{|\}$/g, '').trim();
  while (rest !== '') {
    const found = rest.match(/^([a-zA-Z_]\w*)\s*=\s*("(?:[^"\\]|\\.)*")\s*(,\s*|$)/);
    if (!found) return undefined;
    try {
      labels[found[1]] = JSON.parse(found[2]) as string;
    } catch {
      return undefined;
    }
    rest = rest.slice(found[0].length);
  }
  return labels;
}
