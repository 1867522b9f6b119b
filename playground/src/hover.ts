// What a function does, where one points at its name.

import { hoverTooltip, type Tooltip } from '@codemirror/view';
import type { FunctionInfo } from 'ferula';
import { h } from './dom.ts';

/** Tooltips from the engine's table of functions, which is asked for once. */
export function functionHover(functions: () => Promise<FunctionInfo[]>) {
  let table: Promise<Map<string, FunctionInfo>> | undefined;
  return hoverTooltip(async (view, position): Promise<Tooltip | null> => {
    const line = view.state.doc.lineAt(position);
    const at = position - line.from;
    const before = line.text.slice(0, at).match(/\w*$/)?.[0] ?? '';
    const after = line.text.slice(at).match(/^\w*/)?.[0] ?? '';
    const name = before + after;
    if (!name) return null;
    table ??= functions().then((list) => new Map(list.map((info) => [info.name, info])));
    const info = (await table.catch(() => new Map<string, FunctionInfo>())).get(name);
    if (!info) return null;
    const dom = h('div', { class: 'cm-function' }, h('code', {}, info.signature), h('p', {}, info.doc, info.experimental ? ' (experimental)' : ''), info.example ? h('p', {}, h('code', {}, info.example)) : null);
    return { pos: position - before.length, end: position + after.length, above: true, create: () => ({ dom }) };
  });
}
