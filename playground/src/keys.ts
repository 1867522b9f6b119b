// Keys that hold for the whole page while nothing is being typed. Those of an editor are the
// editor's, and those with Alt or Ctrl are the browser's.

import type { Side, Tab } from './state.ts';

export interface KeyActions {
  focus(): void;
  help(): void;
  tab(tab: Tab): void;
  side(side: Side): void;
  lesson(by: number): void;
}

const FIELDS = /^(INPUT|TEXTAREA|SELECT)$/;
const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || (FIELDS.test(target.tagName) && !/^(radio|checkbox)$/.test((target as HTMLInputElement).type)));

export function globalKeys(actions: KeyActions): void {
  const does: Record<string, () => void> = {
    '/': actions.focus,
    '?': actions.help,
    1: () => actions.tab('graph'),
    2: () => actions.tab('heat'),
    3: () => actions.tab('table'),
    p: () => actions.side('plan'),
    d: () => actions.side('data'),
    '[': () => actions.lesson(-1),
    ']': () => actions.lesson(1),
  };
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
    const action = does[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
