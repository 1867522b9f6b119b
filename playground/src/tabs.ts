// Tabs as screen readers know them: one stop for Tab, arrows between them.

import { h } from './dom.ts';

export interface TabSpec<T extends string> {
  id: T;
  title: string;
  panel: HTMLElement;
}

export class Tabs<T extends string> {
  readonly list: HTMLElement;
  readonly panels: HTMLElement;
  #tabs: (TabSpec<T> & { button: HTMLButtonElement })[];
  #chosen: T;
  #onChoose: (id: T) => void;

  constructor(prefix: string, label: string, specs: TabSpec<T>[], onChoose: (id: T) => void) {
    this.#onChoose = onChoose;
    this.list = h('div', { role: 'tablist', class: 'tabs', 'aria-label': label, onkeydown: (event: KeyboardEvent) => this.#key(event) });
    this.panels = h('div', { class: 'panels' });
    this.#chosen = specs[0].id;
    this.#tabs = specs.map((spec) => {
      const button = h(
        'button',
        { type: 'button', role: 'tab', id: `${prefix}-tab-${spec.id}`, 'aria-controls': `${prefix}-${spec.id}`, onclick: () => this.#choose(spec.id) },
        spec.title,
      );
      spec.panel.id = `${prefix}-${spec.id}`;
      spec.panel.setAttribute('role', 'tabpanel');
      spec.panel.setAttribute('aria-labelledby', button.id);
      this.list.append(button);
      this.panels.append(spec.panel);
      return { ...spec, button };
    });
    this.show(this.#chosen);
  }

  /** Shows a tab, as if chosen, without telling of it. */
  show(id: T): void {
    this.#chosen = id;
    for (const tab of this.#tabs) {
      const on = tab.id === id;
      tab.button.setAttribute('aria-selected', String(on));
      tab.button.tabIndex = on ? 0 : -1;
      tab.panel.hidden = !on;
    }
  }

  /** Renames a tab, or takes it away. */
  offer(id: T, offered: boolean, title?: string): void {
    const tab = this.#tabs.find((found) => found.id === id);
    if (!tab) return;
    tab.button.hidden = !offered;
    if (title) tab.button.textContent = title;
  }

  #choose(id: T): void {
    this.show(id);
    this.#onChoose(id);
  }

  #key(event: KeyboardEvent): void {
    const offered = this.#tabs.filter((tab) => !tab.button.hidden);
    const at = offered.findIndex((tab) => tab.id === this.#chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: offered.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = offered[(to + offered.length) % offered.length];
    this.#choose(tab.id);
    tab.button.focus();
  }
}
