// What to call series where they are listed: by the labels that tell them apart.

import type { Series } from 'ferula';

export interface Names {
  /** One for each series. */
  each: string[];
  /** What all of them have in common; empty if there is nothing, or only one series. */
  common: string;
}

const quote = (name: string, value: string) => `${name}=${JSON.stringify(value)}`;

export function nameSeries(series: readonly Series[]): Names {
  if (series.length < 2) return { each: series.map((s) => s.text), common: '' };
  const [first] = series;
  const shared = Object.entries(first.labels).filter(([name, value]) => series.every((s) => s.labels[name] === value));
  const sameName = series.every((s) => s.name === first.name);
  const isShared = new Set(shared.map(([name]) => name));
  const each = series.map((s) => {
    const own = Object.entries(s.labels).filter(([name]) => !isShared.has(name));
    const labels = own.length > 0 || sameName || s.name === '' ? `{${own.map(([name, value]) => quote(name, value)).join(', ')}}` : '';
    return `${sameName ? '' : s.name}${labels}`;
  });
  const labels = shared.map(([name, value]) => quote(name, value)).join(', ');
  const name = sameName ? first.name : '';
  return { each, common: labels ? `${name}{${labels}}` : name };
}

/** A test for the text of a series: a part of it, or `/pattern/`. Undefined: no valid pattern. */
export function filterFor(text: string): ((name: string) => boolean) | undefined {
  const trimmed = text.trim();
  const pattern = trimmed.match(/^\/(.*)\/$/);
  if (pattern) {
    try {
      const expression = new RegExp(pattern[1], 'i');
      return (name) => expression.test(name);
    } catch {
      return undefined;
    }
  }
  const words = trimmed.toLowerCase().split(/\s+/).filter(Boolean);
  return (name) => words.every((word) => name.toLowerCase().includes(word));
}
