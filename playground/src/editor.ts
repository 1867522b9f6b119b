// The editors: one for the query, with completion, and plain ones for scripts and pages.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, type StreamLanguage } from '@codemirror/language';
import { diagnosticCount, lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Lint } from '@codemirror/lint';
import { EditorState, Prec, StateEffect, StateField, Transaction, type Extension } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder, type DecorationSet, type KeyBinding } from '@codemirror/view';
import type { Completions, Diagnostic, Span } from 'ferula';
import { colours, promql } from './language.ts';

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '14px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)', padding: '10px 0' },
  '.cm-line': { padding: '0 12px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--selection)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--active-line)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--mark)', outline: 'none' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--error)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: 'var(--shadow)' },
  // below the underscores of what is typed
  '.cm-tooltip-autocomplete.cm-tooltip-below': { marginTop: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13px', maxWidth: 'min(90vw, 560px)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '320px' },
  '.cm-function': { padding: '6px 10px', maxWidth: 'min(90vw, 480px)', display: 'grid', gap: '4px' },
  '.cm-function code': { overflowWrap: 'anywhere' },
  '.cm-diagnostic': { padding: '4px 8px', borderLeft: '4px solid var(--line)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--info)' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0', textDecorationLine: 'underline', textDecorationStyle: 'wavy', textDecorationThickness: '1.5px', textUnderlineOffset: '4px', textDecorationSkipInk: 'none' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--error)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecorationColor: 'var(--warning)' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecorationColor: 'var(--info)' },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--error)' },
  '.pointed': { backgroundColor: 'var(--mark)', borderRadius: '2px' },
});

const setPointed = StateEffect.define<Span | undefined>();

/** The part of the text that is pointed at from elsewhere. */
const pointed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setPointed)) continue;
      const length = transaction.newDoc.length;
      const span = effect.value && { from: Math.min(effect.value.from, length), to: Math.min(effect.value.to, length) };
      now = span && span.from < span.to ? Decoration.set([Decoration.mark({ class: 'pointed' }).range(span.from, span.to)]) : Decoration.none;
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface EditorOptions {
  parent: HTMLElement;
  id: string;
  label: string;
  text: string;
  language?: StreamLanguage<unknown>;
  placeholder?: string;
  lines?: boolean;
  keys?: KeyBinding[];
  complete?: (text: string, position: number) => Promise<Completions | undefined>;
  /** Further parts of the editor. */
  extra?: Extension;
  onChange?: (text: string) => void;
  onCursor?: (position: number) => void;
}

export class Editor {
  readonly view: EditorView;

  constructor(options: EditorOptions) {
    const { complete } = options;
    const extensions: Extension[] = [
      history(),
      drawSelection(),
      bracketMatching(),
      look,
      colours,
      pointed,
      options.language ?? promql,
      EditorView.contentAttributes.of({ 'aria-label': options.label, id: options.id, spellcheck: 'false', autocapitalize: 'off', tabindex: '0' }),
      Prec.highest(keymap.of(options.keys ?? [])),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange?.(update.state.doc.toString());
        if (update.selectionSet || update.docChanged) options.onCursor?.(update.state.selection.main.head);
      }),
    ];
    if (options.extra) extensions.push(options.extra);
    if (options.placeholder) extensions.push(placeholder(options.placeholder));
    // a query is prose, a script has lines
    if (options.lines) extensions.push(lineNumbers(), lintGutter(), highlightActiveLine());
    else extensions.push(EditorView.lineWrapping, closeBrackets());
    if (complete) extensions.push(autocompletion({ override: [(context) => completions(context, complete)], icons: true }));
    this.view = new EditorView({ parent: options.parent, state: EditorState.create({ doc: options.text, extensions }) });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Replaces the text as one step of undo; the cursor stays where it can. */
  set(text: string): void {
    if (text === this.text) return;
    const cursor = Math.min(this.view.state.selection.main.head, text.length);
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: cursor }, annotations: Transaction.userEvent.of('set') });
  }

  /** Marks the places of messages; those beyond the text are moved to its end. */
  mark(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0 && diagnosticCount(this.view.state) === 0) return;
    const length = this.view.state.doc.length;
    const lints: Lint[] = diagnostics.map(({ from, to, severity, message, help }) => {
      let [start, end] = [Math.min(from, length), Math.min(to, length)];
      // an empty place, as at the end of the text, is shown by the character before it
      if (start >= end) [start, end] = start > 0 && start === length ? [start - 1, start] : [start, Math.min(start + 1, length)];
      return { from: start, to: end, severity, message: help ? `${message}\n${help}` : message };
    });
    this.view.dispatch(setDiagnostics(this.view.state, lints));
  }

  point(span: Span | undefined): void {
    this.view.dispatch({ effects: setPointed.of(span) });
  }

  go(position: number): void {
    const at = Math.min(position, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    this.view.focus();
  }

  /** A span from a line and, if known, a column. */
  span(line: number, column?: number): Span {
    const found = this.view.state.doc.line(Math.min(Math.max(line, 1), this.view.state.doc.lines));
    const from = column ? Math.min(found.from + column - 1, found.to) : found.from + (found.text.match(/^\s*/)?.[0].length ?? 0);
    return { from, to: found.to };
  }
}

const KINDS: Record<string, string> = { function: 'function', aggregation: 'function', keyword: 'keyword', metric: 'variable', label: 'property', value: 'text', duration: 'constant' };

async function completions(context: CompletionContext, complete: NonNullable<EditorOptions['complete']>): Promise<CompletionResult | null> {
  // a list behind every blank and bracket would be in the way
  if (!context.explicit && !context.matchBefore(/[\w:.]+|[{("[,=~]\s*"?/)) return null;
  const found = await complete(context.state.doc.toString(), context.pos);
  if (!found || found.options.length === 0 || context.aborted) return null;
  const options = found.options.map(({ label, kind, detail, doc, insert, cursor }, i): Completion => {
    // a signature begins with the name, which stands beside it
    const rest = detail?.startsWith(`${label}(`) ? detail.slice(label.length) : detail;
    const completion: Completion = { label, type: KINDS[kind] ?? 'text', detail: rest, info: doc, boost: Math.max(-99, 99 - i) };
    if (insert !== undefined || cursor !== undefined) {
      const text = insert ?? label;
      completion.apply = (view, _completion, from, to) => {
        view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + (cursor ?? text.length) }, annotations: Transaction.userEvent.of('input.complete') });
      };
    }
    return completion;
  });
  return { from: found.from, to: found.to, options, validFor: /^[\w:]*$/ };
}
