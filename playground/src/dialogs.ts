// The dialogs: the link or file that holds the state, and the keys with the one setting.

import { button, download, h } from './dom.ts';
import { LONGEST, toFile } from './share.ts';
import type { State } from './state.ts';

function dialog(id: string, title: string, ...children: Node[]): HTMLDialogElement {
  const close = h('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  const element = h('dialog', { id, 'aria-labelledby': `${id}-title` }, h('div', { class: 'dialoghead' }, h('h2', { id: `${id}-title` }, title), close), ...children);
  close.addEventListener('click', () => element.close());
  // a click beside the dialog closes it
  element.addEventListener('click', (event) => {
    if (event.target === element) element.close();
  });
  document.body.append(element);
  return element;
}

export class ShareDialog {
  #snapshot: () => State;
  #link: () => Promise<string | undefined>;
  #field = h('input', { id: 'share-link', readonly: true, 'aria-label': 'Link', onfocus: (event: Event) => (event.target as HTMLInputElement).select() });
  #note = h('p', { id: 'share-note', role: 'status' });
  #copy: HTMLButtonElement;
  #markdown: HTMLButtonElement;
  #dialog: HTMLDialogElement;

  constructor(snapshot: () => State, link: () => Promise<string | undefined>, open: (files: File[]) => void) {
    this.#snapshot = snapshot;
    this.#link = link;
    const put = (text: string) => async () => {
      const value = text.replace('%', this.#field.value).replace('$', () => this.#snapshot().query.trim());
      try {
        await navigator.clipboard.writeText(value);
        this.#note.textContent = 'Copied.';
      } catch {
        this.#field.select();
        this.#note.textContent = 'The browser does not allow copying: the link is selected.';
      }
    };
    this.#copy = button('Copy link', () => void put('%')(), { id: 'share-copy', class: 'primary' });
    this.#markdown = button('Copy as Markdown', () => void put('```promql\n$\n```\n[Run it](%)')(), { id: 'share-markdown' });
    const file = h('input', { type: 'file', accept: '.json,application/json', class: 'unseen', tabindex: '-1', 'aria-label': 'Saved state' });
    file.addEventListener('change', () => {
      open([...(file.files ?? [])]);
      file.value = '';
      this.#dialog.close();
    });
    const save = button('Save as a file', () => download('ferula-playground.json', toFile(this.#snapshot())), { id: 'share-file' });
    this.#dialog = dialog(
      'share-dialog',
      'Share',
      h('p', {}, 'Query, times, data and view are in the link itself; no server gets to see them.'),
      this.#field,
      h('div', { class: 'bar' }, this.#copy, this.#markdown),
      this.#note,
      h('div', { class: 'bar' }, save, button('Open a file…', () => file.click(), { id: 'share-open' }), file),
    );
  }

  async show(): Promise<void> {
    this.#note.textContent = '';
    this.#field.value = '';
    this.#dialog.showModal();
    const link = await this.#link();
    const short = link !== undefined && link.length <= LONGEST;
    this.#field.hidden = !short;
    this.#copy.hidden = !short;
    this.#markdown.hidden = !short;
    if (short) {
      this.#field.value = link;
      this.#field.select();
    } else {
      const long = link === undefined ? 'far more than' : `${link.length.toLocaleString('en')} characters instead of at most`;
      this.#note.textContent = `Too long for a link (${long} ${LONGEST.toLocaleString('en')}). A file holds it all: this page opens it again, also when it is dropped here.`;
    }
  }
}

const KEYS: [string, string][] = [
  ['Ctrl+Enter', 'run'],
  ['Shift+Alt+F', 'format'],
  ['Ctrl+Space', 'complete'],
  ['/', 'to the editor'],
  ['Esc', 'out of the editor, so that Tab moves on'],
  ['F8', 'to the next error or warning'],
  ['1 2 3', 'graph, heat map, table'],
  ['p d', 'plan, data'],
  ['[ ]', 'lesson before, next lesson'],
  ['?', 'this list'],
];

export class HelpDialog {
  #dialog: HTMLDialogElement;
  #experimental = h('input', { type: 'checkbox', id: 'experimental' });
  #version = h('p', { class: 'note' });

  constructor(experimental: (on: boolean) => void) {
    this.#experimental.addEventListener('change', () => experimental(this.#experimental.checked));
    const notices = h('a', { href: './THIRD-PARTY.txt' }, 'Licences of what is bundled');
    this.#dialog = dialog(
      'help-dialog',
      'Keys',
      h('dl', { class: 'keys' }, ...KEYS.flatMap(([key, does]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, does)])),
      h('p', { class: 'note' }, 'Those without Ctrl, Alt or Shift hold outside of the editors.'),
      h('label', { class: 'check' }, this.#experimental, 'Experimental functions and syntax, which Prometheus has behind feature flags'),
      this.#version,
      h('p', { class: 'note' }, notices),
    );
  }

  show(experimental: boolean, version: string): void {
    this.#experimental.checked = experimental;
    this.#version.textContent = `Ferula ${version}. Everything is evaluated in this page.`;
    this.#dialog.showModal();
  }
}
