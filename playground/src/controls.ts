// Run, format, instant or range, and the times.

import { button, h, labelled } from './dom.ts';
import { autoStep, formatDuration, formatTime, parseDuration, parseTime } from './times.ts';

export interface Times {
  instant: boolean;
  range: number;
  end: number | null;
  step: number | null;
}

export interface ControlEvents {
  run(): void;
  cancel(): void;
  format(): void;
  change(times: Partial<Times>): void;
}

const RANGES = ['5m', '15m', '30m', '1h', '2h', '6h', '12h', '1d', '7d'];
const CHOICES = ['auto', '1s', '5s', '15s', '30s', '1m', '5m', '15m', '1h'];

export class Controls {
  readonly element: HTMLElement;
  #events: ControlEvents;
  #run = h('button', { type: 'button', id: 'run', class: 'primary', title: 'Ctrl+Enter' }, 'Run');
  #range = h('input', { id: 'range', list: 'ranges', size: 5, autocomplete: 'off', spellcheck: 'false' });
  #end = h('input', { id: 'end', size: 19, autocomplete: 'off', spellcheck: 'false', placeholder: 'end of the data' });
  #step = h('input', { id: 'step', list: 'steps', size: 5, autocomplete: 'off', spellcheck: 'false' });
  #points = h('span', { class: 'at', id: 'points' });
  #instant = h('input', { type: 'radio', name: 'kind', id: 'instant' });
  #over = h('input', { type: 'radio', name: 'kind', id: 'over-range' });
  #rangeLabel: HTMLElement;
  #stepLabel: HTMLElement;
  #endText: HTMLElement;
  #running = false;
  #times: Times = { instant: false, range: 0, end: null, step: null };
  #dataEnd?: number;

  constructor(events: ControlEvents) {
    this.#events = events;
    this.#run.addEventListener('click', () => (this.#running ? events.cancel() : events.run()));
    this.#rangeLabel = labelled('Length', this.#range);
    this.#stepLabel = labelled('Step', this.#step);
    const end = labelled('End', this.#end);
    this.#endText = end.firstElementChild as HTMLElement;
    this.#range.addEventListener('change', () => this.#take(this.#range, parseDuration, (range) => ({ range })));
    this.#step.addEventListener('change', () => {
      if (/^(auto)?$/i.test(this.#step.value.trim())) this.#change(this.#step, { step: null });
      else this.#take(this.#step, parseDuration, (step) => ({ step }));
    });
    this.#end.addEventListener('change', () => {
      if (this.#end.value.trim() === '') this.#change(this.#end, { end: null });
      else this.#take(this.#end, parseTime, (time) => ({ end: time }));
    });
    for (const radio of [this.#instant, this.#over]) radio.addEventListener('change', () => events.change({ instant: this.#instant.checked }));
    const move = (by: number) => {
      const at = this.#times.end ?? this.#dataEnd;
      if (at !== undefined) events.change({ end: Math.round(at + (by * this.#times.range) / 2) });
    };
    this.element = h(
      'div',
      { class: 'controls', role: 'group', 'aria-label': 'Run and times' },
      this.#run,
      button('Format', () => events.format(), { id: 'format', title: 'Shift+Alt+F' }),
      h('fieldset', { class: 'kinds' }, h('legend', { class: 'unseen' }, 'Kind of query'), h('label', {}, this.#over, h('span', {}, 'Range')), h('label', {}, this.#instant, h('span', {}, 'Instant'))),
      this.#rangeLabel,
      this.#stepLabel,
      h(
        'span',
        { class: 'moves' },
        button('‹', () => move(-1), { id: 'earlier', 'aria-label': 'Earlier', title: 'Earlier' }),
        end,
        button('›', () => move(1), { id: 'later', 'aria-label': 'Later', title: 'Later' }),
      ),
      this.#points,
      h('datalist', { id: 'ranges' }, ...RANGES.map((value) => h('option', { value }))),
      h('datalist', { id: 'steps' }, ...CHOICES.map((value) => h('option', { value }))),
    );
  }

  show(times: Times, dataEnd: number | undefined): void {
    this.#times = times;
    this.#dataEnd = dataEnd;
    this.#instant.checked = times.instant;
    this.#over.checked = !times.instant;
    this.#range.value = formatDuration(times.range);
    this.#step.value = times.step === null ? 'auto' : formatDuration(times.step);
    this.#end.value = times.end === null ? '' : formatTime(times.end);
    this.#end.placeholder = dataEnd === undefined ? 'end of the data' : formatTime(dataEnd);
    this.#end.size = Math.max(19, (this.#end.value || this.#end.placeholder).length);
    this.#endText.textContent = times.instant ? 'At (UTC)' : 'End (UTC)';
    this.#rangeLabel.hidden = times.instant;
    this.#stepLabel.hidden = times.instant;
    for (const input of [this.#range, this.#step, this.#end]) input.setAttribute('aria-invalid', 'false');
    const step = times.step ?? autoStep(times.range);
    this.#points.textContent = times.instant ? '' : `${(Math.floor(times.range / step) + 1).toLocaleString('en')} steps of ${formatDuration(step)}`;
  }

  /** While a query runs, Run is Stop. */
  running(on: boolean): void {
    this.#running = on;
    this.#run.textContent = on ? 'Stop' : 'Run';
    this.#run.title = on ? 'Ends the query' : 'Ctrl+Enter';
    this.#run.classList.toggle('stop', on);
  }

  #take<T>(input: HTMLInputElement, parse: (text: string) => T | undefined, patch: (value: T) => Partial<Times>): void {
    const value = parse(input.value);
    if (value === undefined) input.setAttribute('aria-invalid', 'true');
    else this.#change(input, patch(value));
  }

  #change(input: HTMLInputElement, patch: Partial<Times>): void {
    input.setAttribute('aria-invalid', 'false');
    this.#events.change(patch);
  }
}
