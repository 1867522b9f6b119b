// The plan as a tree: what each part reads, makes and costs. A click shows the part's own result.

import type { PlanNode, Span } from 'ferula';
import { h, plural } from './dom.ts';
import { formatMs } from './times.ts';

export interface PlanEvents {
  /** A node was chosen: its place as child indices from the root. */
  choose(node: PlanNode, path: number[]): void;
  /** Point at a part of the query, or no longer. */
  point(span: Span | undefined): void;
}

interface Item {
  node: PlanNode;
  path: number[];
  element: HTMLElement;
  row: HTMLElement;
  parent?: Item;
}

/** A selector as it is written, rather than as its matchers and the times that it reads. */
function title(node: PlanNode): string {
  return node.op === 'select' && node.query !== undefined ? `select ${node.query}` : node.text;
}

export class Plan {
  readonly element: HTMLElement;
  #events: PlanEvents;
  #tree = h('ul', { role: 'tree', id: 'plan', class: 'plan', 'aria-label': 'Plan of the query' });
  #note = h('p', { class: 'note' }, 'Run a query to see its plan.');
  #items: Item[] = [];
  #total = 0;

  constructor(events: PlanEvents) {
    this.#events = events;
    this.#tree.addEventListener('keydown', (event) => this.#key(event));
    this.element = h('div', {}, this.#note, this.#tree);
  }

  show(plan: PlanNode | undefined, chosen: number[] | null): void {
    this.#items = [];
    this.#total = plan?.measured?.totalMs ?? 0;
    this.#note.textContent = plan ? 'Click a part to see its own result.' : 'Run a query to see its plan.';
    this.#tree.replaceChildren(...(plan ? [this.#build(plan, [], undefined)] : []));
    this.choose(chosen);
  }

  /** Marks a node as the one whose result is shown; null: the whole query. */
  choose(path: number[] | null): void {
    const wanted = (path ?? []).join('.');
    let found = false;
    for (const item of this.#items) {
      const on = item.path.join('.') === wanted;
      found ||= on;
      item.element.setAttribute('aria-selected', String(on));
      item.element.tabIndex = on ? 0 : -1;
    }
    if (!found && this.#items.length > 0) this.#items[0].element.tabIndex = 0;
  }

  /** The node at a place. */
  at(path: number[]): PlanNode | undefined {
    return this.#items.find((item) => item.path.join('.') === path.join('.'))?.node;
  }

  /** Marks the innermost part that the cursor is in. */
  near(position: number): void {
    let best: Item | undefined;
    for (const item of this.#items) {
      item.row.classList.remove('near');
      const { from, to } = item.node;
      if (from <= position && position <= to && (!best || to - from <= best.node.to - best.node.from)) best = item;
    }
    best?.row.classList.add('near');
  }

  #build(node: PlanNode, path: number[], parent: Item | undefined): HTMLElement {
    const m = node.measured;
    const facts = m
      ? [plural(m.series, 'series', 'series'), m.samples > 0 ? `${plural(m.samples, 'sample')} read` : '', m.points > 0 ? plural(m.points, 'point') : '', formatMs(m.selfMs)].filter(Boolean).join(' · ')
      : '';
    const share = m && this.#total > 0 ? Math.min(100, (m.selfMs / this.#total) * 100) : 0;
    const cost = h('span', { class: 'cost', 'aria-hidden': 'true', title: `${Math.round(share)} % of the time` });
    cost.style.setProperty('--share', `${share}%`);
    const row = h('div', { class: 'planrow', title: node.text }, h('code', {}, title(node)), h('small', {}, facts), cost);
    const element = h('li', { role: 'treeitem', 'aria-level': path.length + 1, 'aria-selected': 'false', tabindex: '-1' }, row);
    const item: Item = { node, path, element, row, parent };
    this.#items.push(item);
    row.addEventListener('click', () => this.#pick(item));
    row.addEventListener('pointerenter', () => this.#events.point(node));
    row.addEventListener('pointerleave', () => this.#events.point(undefined));
    element.addEventListener('focus', () => this.#events.point(node));
    element.addEventListener('blur', () => this.#events.point(undefined));
    if (node.children.length > 0) {
      element.setAttribute('aria-expanded', 'true');
      element.append(h('ul', { role: 'group' }, ...node.children.map((child, i) => this.#build(child, [...path, i], item))));
    }
    return element;
  }

  #pick(item: Item): void {
    this.choose(item.path);
    item.element.focus({ preventScroll: true });
    this.#events.choose(item.node, item.path);
  }

  #expand(item: Item, open: boolean): void {
    const group = item.element.querySelector(':scope > ul') as HTMLElement | null;
    if (!group) return;
    group.hidden = !open;
    item.element.setAttribute('aria-expanded', String(open));
  }

  #key(event: KeyboardEvent): void {
    const visible = this.#items.filter((item) => {
      for (let up = item.parent; up; up = up.parent) if (up.element.getAttribute('aria-expanded') === 'false') return false;
      return true;
    });
    const at = visible.findIndex((item) => item.element === document.activeElement);
    if (at < 0) return;
    const item = visible[at];
    const expanded = item.element.getAttribute('aria-expanded');
    let to: Item | undefined;
    switch (event.key) {
      case 'ArrowDown': to = visible[at + 1]; break;
      case 'ArrowUp': to = visible[at - 1]; break;
      case 'Home': to = visible[0]; break;
      case 'End': to = visible[visible.length - 1]; break;
      case 'ArrowRight':
        if (expanded === 'false') this.#expand(item, true);
        else if (expanded === 'true') to = visible[at + 1];
        break;
      case 'ArrowLeft':
        if (expanded === 'true') this.#expand(item, false);
        else to = item.parent;
        break;
      case 'Enter':
      case ' ': this.#pick(item); break;
      default: return;
    }
    event.preventDefault();
    to?.element.focus();
  }
}
