// Errors, warnings and infos in words, each with the way to its place.

import type { Diagnostic } from 'ferula';
import { h } from './dom.ts';

const WORDS = { error: 'Error', warning: 'Warning', info: 'Info' } as const;

export class Notes {
  readonly element = h('ul', { class: 'notes', id: 'notes', 'aria-label': 'Errors and warnings' });
  #go: (diagnostic: Diagnostic) => void;

  constructor(go: (diagnostic: Diagnostic) => void) {
    this.#go = go;
  }

  show(diagnostics: readonly Diagnostic[], others: readonly string[] = []): void {
    const items = diagnostics.map((diagnostic) => {
      const { severity, message, line, column, help } = diagnostic;
      const place = h('button', { type: 'button', class: 'place', title: 'Go to the place', onclick: () => this.#go(diagnostic) }, `${line}:${column}`);
      return h('li', { class: severity }, h('strong', {}, WORDS[severity]), place, h('span', { class: 'message' }, message, help ? h('em', {}, ` ${help}`) : null));
    });
    for (const text of others) items.push(h('li', { class: 'error' }, h('strong', {}, 'Error'), h('span', { class: 'message' }, text)));
    this.element.replaceChildren(...items);
    this.element.hidden = items.length === 0;
  }
}
