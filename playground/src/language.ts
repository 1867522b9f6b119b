// Colours for PromQL, test scripts and metrics pages. This only paints; what is right or wrong the
// engine says.

import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StreamParser, type StringStream } from '@codemirror/language';
import { tags } from '@lezer/highlight';

const AGGREGATIONS = new Set(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio']);
const KEYWORDS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset', 'and', 'or', 'unless', 'atan2', 'fill', 'fill_left', 'fill_right', 'smoothed', 'anchored']);
/** Names in parentheses behind these are labels. */
const LISTS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);

interface QueryState {
  braces: number;
  /** Whether a list of labels may begin, or has begun. */
  list: 'no' | 'next' | 'in';
  quote: string;
}

function quoted(stream: StringStream, state: QueryState): string {
  while (!stream.eol()) {
    const c = stream.next();
    if (c === '\\' && state.quote !== '`') stream.next();
    else if (c === state.quote) {
      state.quote = '';
      break;
    }
  }
  // only strings in back quotes go on in the next line
  if (state.quote !== '`') state.quote = '';
  return 'string';
}

function promqlToken(stream: StringStream, state: QueryState): string | null {
  if (state.quote) return quoted(stream, state);
  if (stream.eatSpace()) return null;
  const c = stream.next() ?? '';
  if (c === '#') {
    stream.skipToEnd();
    return 'comment';
  }
  if (c === '"' || c === "'" || c === '`') {
    state.quote = c;
    return quoted(stream, state);
  }
  if (c === '{') state.braces += 1;
  if (c === '}') state.braces = Math.max(0, state.braces - 1);
  if (c === '(' && state.list === 'next') state.list = 'in';
  else if (c === ')') state.list = 'no';
  if (/[0-9.]/.test(c)) {
    stream.match(/^(x[0-9a-fA-F_]+|[0-9_.]*([eE][+-]?[0-9]+)?((ms|[smhdwy])([0-9]+(ms|[smhdwy]))*)?)/);
    return 'number';
  }
  if (/[a-zA-Z_:]/.test(c)) {
    stream.match(/^[a-zA-Z0-9_:]*/);
    const word = stream.current();
    const lower = word.toLowerCase();
    if (state.braces > 0 || state.list === 'in') return 'labelName';
    if (KEYWORDS.has(lower)) {
      state.list = LISTS.has(lower) ? 'next' : 'no';
      return 'keyword';
    }
    state.list = 'no';
    if (AGGREGATIONS.has(lower) && stream.match(/^\s*(\(|by\b|without\b)/i, false)) return 'aggregation';
    if (/^(inf|nan)$/.test(lower)) return 'number';
    return stream.match(/^\s*\(/, false) ? 'function' : 'metric';
  }
  if (/[()[\]{}]/.test(c)) return 'bracket';
  if (/[-+*/%^=!~<>@]/.test(c)) return 'operator';
  return null;
}

const tokenTable = {
  aggregation: tags.operatorKeyword,
  function: tags.function(tags.variableName),
  metric: tags.variableName,
  labelName: tags.labelName,
  command: tags.definitionKeyword,
};

const promqlParser: StreamParser<QueryState> = {
  name: 'promql',
  startState: () => ({ braces: 0, list: 'no', quote: '' }),
  copyState: (state) => ({ ...state }),
  token: promqlToken,
  tokenTable,
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', '"', "'", '`'] } },
};

interface LineState extends QueryState {
  /** What the rest of the line is. */
  rest: 'start' | 'query' | 'values' | 'plain';
}

const lineStart = (): LineState => ({ braces: 0, list: 'no', quote: '', rest: 'start' });
const clean = (state: LineState) => Object.assign(state, lineStart());

/** Test scripts: a command a line, then PromQL or series with values. */
const scriptParser: StreamParser<LineState> = {
  name: 'script',
  startState: lineStart,
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) {
      clean(state);
      if (stream.match(/^\s*#.*/)) return 'comment';
      if (stream.match(/^(load(_with_nhcb)?|clear|ignore|resume)\b/)) {
        state.rest = 'plain';
        return 'command';
      }
      if (stream.match(/^eval(_fail|_warn|_info|_ordered|_with_nhcb)*\s+(instant|range)\b/)) {
        state.rest = 'plain';
        return 'command';
      }
      if (stream.match(/^\s+expect\s+\w+/)) {
        state.rest = 'plain';
        return 'command';
      }
      if (/^\s/.test(stream.string)) state.rest = 'values';
    }
    if (stream.eatSpace()) return null;
    if (state.rest === 'plain') {
      if (stream.match(/^(at|from|to|step)\b/)) return 'command';
      if (stream.match(/^-?[0-9][0-9a-z.]*(?=\s|$)/)) return 'number';
      state.rest = 'query';
    }
    return promqlToken(stream, state);
  },
  blankLine: (state) => void clean(state),
  tokenTable,
  languageData: { commentTokens: { line: '#' } },
};

/** Metrics pages: `# TYPE` and `# HELP` lines, then a series and its value. */
const pageParser: StreamParser<LineState> = {
  name: 'page',
  startState: lineStart,
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) {
      clean(state);
      if (stream.match(/^#\s*(TYPE|HELP|UNIT|EOF)\b/)) {
        state.rest = 'plain';
        return 'command';
      }
    }
    if (state.rest === 'plain') {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    return promqlToken(stream, state);
  },
  blankLine: (state) => void clean(state),
  tokenTable,
};

export const promql = StreamLanguage.define(promqlParser);
export const script = StreamLanguage.define(scriptParser);
export const metricsPage = StreamLanguage.define(pageParser);

export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.operatorKeyword, color: 'var(--code-keyword)', fontWeight: '600' },
    { tag: tags.definitionKeyword, color: 'var(--code-keyword)', fontWeight: '600' },
    { tag: tags.keyword, color: 'var(--code-keyword)', fontWeight: '600' },
    { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
    { tag: tags.variableName, color: 'var(--text)' },
    { tag: tags.labelName, color: 'var(--code-label)' },
    { tag: tags.string, color: 'var(--code-string)' },
    { tag: tags.number, color: 'var(--code-number)' },
    { tag: tags.operator, color: 'var(--muted)' },
    { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  ]),
);
