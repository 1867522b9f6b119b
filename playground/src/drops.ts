// Files can be dropped anywhere on the page.

import { h } from './dom.ts';

export function acceptDrops(take: (files: File[]) => void): void {
  const veil = h('div', { class: 'veil', 'aria-hidden': 'true' }, 'Drop metrics, a script, or a saved state');
  veil.hidden = true;
  document.body.append(veil);
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  // before an editor takes the file for text
  addEventListener(
    'drop',
    (event) => {
      veil.hidden = true;
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      take([...(event.dataTransfer?.files ?? [])]);
    },
    { capture: true },
  );
}
