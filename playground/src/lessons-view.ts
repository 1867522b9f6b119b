// The list of lessons, and the strip that says what the open one shows.

import { button, h } from './dom.ts';
import { CHAPTERS, LESSONS, type Lesson } from './lessons.ts';

/** Below this width, the style sheet puts everything in one column. */
const NARROW = 800;

export class LessonsView {
  /** The list. */
  readonly list: HTMLDetailsElement;
  /** The open lesson's sentence, with the ways back and on. */
  readonly strip: HTMLElement;
  #open: (lesson: Lesson) => void;
  #buttons = new Map<string, HTMLButtonElement>();
  #title = h('strong');
  #text = h('span', { id: 'lesson-text' });
  #back = button('←', () => this.#move(-1), { id: 'lesson-back', 'aria-label': 'Lesson before', title: 'Lesson before' });
  #on = button('→', () => this.#move(1), { id: 'lesson-next', 'aria-label': 'Next lesson', title: 'Next lesson' });
  #current = '';

  constructor(open: (lesson: Lesson) => void) {
    this.#open = open;
    const chapters = CHAPTERS.map((chapter) =>
      h(
        'li',
        {},
        h('h3', {}, chapter.title),
        h(
          'ul',
          {},
          ...chapter.lessons.map((lesson) => {
            const choose = button(lesson.title, () => this.#pick(lesson), { 'data-lesson': lesson.id, title: lesson.query });
            this.#buttons.set(lesson.id, choose);
            return h('li', {}, choose);
          }),
        ),
      ),
    );
    this.list = h('details', { class: 'lessons', id: 'lessons', open: innerWidth >= NARROW }, h('summary', {}, h('h2', {}, 'Lessons')), h('ol', {}, ...chapters));
    this.strip = h('div', { class: 'strip', id: 'lesson' }, this.#back, h('p', {}, this.#title, ' ', this.#text), this.#on);
  }

  show(id: string): void {
    this.#current = id;
    const at = LESSONS.findIndex((lesson) => lesson.id === id);
    for (const [key, choose] of this.#buttons) {
      if (key === id) choose.setAttribute('aria-current', 'true');
      else choose.removeAttribute('aria-current');
    }
    const choose = this.#buttons.get(id);
    if (choose) this.#reveal(choose);
    this.#title.textContent = at < 0 ? 'Your own query.' : `${at + 1} of ${LESSONS.length}: ${LESSONS[at].title}.`;
    this.#text.textContent = at < 0 ? 'The lessons begin with selectors.' : LESSONS[at].text;
    this.#back.disabled = at === 0;
    this.#on.disabled = at === LESSONS.length - 1;
  }

  /** Scrolls the list, and nothing but the list, to a lesson. */
  #reveal(choose: HTMLElement): void {
    const frame = this.list.parentElement;
    if (!frame || !this.list.open || innerWidth < NARROW) return;
    const [outer, inner] = [frame.getBoundingClientRect(), choose.getBoundingClientRect()];
    const bottom = Math.min(outer.bottom, innerHeight);
    if (inner.top < outer.top || inner.bottom > bottom) frame.scrollTop += inner.top - (outer.top + bottom) / 2;
  }

  #pick(lesson: Lesson): void {
    // in one column the list is above what it opens
    if (innerWidth < NARROW) this.list.open = false;
    this.#open(lesson);
  }

  #move(by: number): void {
    const at = LESSONS.findIndex((lesson) => lesson.id === this.#current);
    const lesson = at < 0 ? LESSONS[0] : LESSONS[at + by];
    if (lesson) this.#open(lesson);
  }
}
