// Runs queries one after the other: of those that wait, only the newest matters.

import type { Engine, InstantResult, RangeResult } from 'ferula';
import { FerulaError } from './engine.ts';

export interface Question {
  query: string;
  instant: boolean;
  start: number;
  end: number;
  step: number;
  /** Measure the parts, and give the plan. */
  plan: boolean;
  experimental: boolean;
}

export interface Answered {
  question: Question;
  result: RangeResult | InstantResult;
  /** Unknown where it is not the query's alone. */
  roundTrip?: number;
}

export interface RunnerEvents {
  running(on: boolean): void;
  answered(answer: Answered): void;
  failed(question: Question, error: unknown): void;
}

/** A query that is quicker than this never shows that it runs. */
const UNSEEN = 300;
/** One that is slower than this is ended for a newer one: ending it costs loading the data again. */
const PATIENCE = 700;

export function language(experimental: boolean) {
  return { experimentalFunctions: experimental, binopFillModifiers: experimental, unquotedUtf8Names: experimental };
}

export class Runner {
  #engine: () => Promise<Engine>;
  #events: RunnerEvents;
  #controller?: AbortController;
  #began = 0;
  #next?: Question;
  #seen?: ReturnType<typeof setTimeout>;

  constructor(engine: () => Promise<Engine>, events: RunnerEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  get busy(): boolean {
    return this.#controller !== undefined;
  }

  /** Asks; what runs meanwhile is ended if this is urgent and that is slow, else waited for. */
  ask(question: Question, urgent: boolean): void {
    if (this.#controller) {
      this.#next = question;
      const controller = this.#controller;
      if (urgent) setTimeout(() => controller === this.#controller && this.#next && controller.abort(), Math.max(0, this.#began + PATIENCE - performance.now()));
      return;
    }
    void this.#run(question);
  }

  /** Ends the query that runs, and asks none of those that wait. */
  cancel(): void {
    this.#next = undefined;
    this.#controller?.abort();
  }

  async #run(question: Question): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    this.#seen ??= setTimeout(() => this.#events.running(true), UNSEEN);
    const began = performance.now();
    this.#began = began;
    try {
      const engine = await this.#engine();
      const { query, start, end, step, plan } = question;
      const options = { plan, signal: controller.signal, ...language(question.experimental) };
      const result = question.instant ? await engine.query(query, end, options) : await engine.queryRange(query, { start, end, step }, options);
      if (!this.#next) this.#events.answered({ question, result, roundTrip: performance.now() - began });
    } catch (error) {
      const replaced = error instanceof FerulaError && error.kind === 'cancelled' && this.#next;
      if (!replaced) this.#events.failed(question, error);
    }
    this.#controller = undefined;
    const next = this.#next;
    this.#next = undefined;
    if (next) return this.#run(next);
    clearTimeout(this.#seen);
    this.#seen = undefined;
    this.#events.running(false);
  }
}
