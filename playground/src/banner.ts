// What concerns the whole page and stays until it is put away: a damaged link, a restarted engine.

import { button, h } from './dom.ts';

export class Banner {
  readonly element = h('div', { class: 'banner', id: 'banner', role: 'alert', hidden: true });

  show(text: string): void {
    this.element.hidden = false;
    this.element.replaceChildren(
      h('span', {}, text),
      button('×', () => (this.element.hidden = true), { 'aria-label': 'Put away', class: 'close' }),
    );
  }
}
