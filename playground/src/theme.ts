// Light or dark: the system's choice until the person makes one, which is remembered.

import { button } from './dom.ts';

const KEY = 'ferula-theme';
type Theme = 'light' | 'dark';
const listeners: (() => void)[] = [];

const system = matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  try {
    const found = localStorage.getItem(KEY);
    return found === 'light' || found === 'dark' ? found : undefined;
  } catch {
    // storage can be forbidden
    return undefined;
  }
}

let theme: Theme = chosen() ?? (system.matches ? 'dark' : 'light');

function apply(to: Theme): void {
  theme = to;
  document.documentElement.dataset.theme = to;
  for (const listener of listeners) listener();
}

function toggle(): void {
  apply(theme === 'dark' ? 'light' : 'dark');
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // then it holds for this page only
  }
}

/** Calls `f` whenever the theme changes: canvases have to be drawn again. */
export function onTheme(f: () => void): void {
  listeners.push(f);
}

/** A colour of the theme, for canvases. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function startTheme(): void {
  apply(theme);
  system.addEventListener('change', () => {
    if (!chosen()) apply(system.matches ? 'dark' : 'light');
  });
}

/** The button that changes to the other theme. */
export function themeButton(): HTMLButtonElement {
  const element = button('', toggle, { id: 'theme' });
  const name = () => {
    const other = theme === 'dark' ? 'light' : 'dark';
    element.textContent = theme === 'dark' ? '☀' : '☾';
    element.title = `To the ${other} theme`;
    element.setAttribute('aria-label', element.title);
  };
  name();
  onTheme(name);
  return element;
}
