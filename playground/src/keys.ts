// Keys that hold for the whole page. Those of an editor are the editor's.

import type { Side, Tab } from './state.ts';

export interface KeyActions {
  focus(): void;
  help(): void;
  tab(tab: Tab): void;
  side(side: Side): void;
  lesson(by: number): void;
}

const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function globalKeys(actions: KeyActions): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return;
    if (event.altKey && !event.shiftKey) {
      const does: Record<string, () => void> = {
        Digit1: () => actions.tab('graph'),
        Digit2: () => actions.tab('heat'),
        Digit3: () => actions.tab('table'),
        KeyP: () => actions.side('plan'),
        KeyD: () => actions.side('data'),
      };
      // in an editor, Alt with an arrow moves lines
      if (!typing(event.target)) Object.assign(does, { ArrowLeft: () => actions.lesson(-1), ArrowRight: () => actions.lesson(1) });
      const action = does[event.code];
      if (!action) return;
      event.preventDefault();
      action();
    } else if (!event.altKey && !typing(event.target)) {
      if (event.key === '/') actions.focus();
      else if (event.key === '?') actions.help();
      else return;
      event.preventDefault();
    }
  });
}
