//! Reads a grammar in EBNF, recognises sentences with it, and makes sentences from it.

use std::collections::{BTreeMap, HashMap, HashSet};

/// One symbol of an alternative.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Symbol {
    /// A token: a quoted text, or the name of a class.
    Token(String),
    /// Another rule, by its number.
    Rule(usize),
    /// Takes nothing; the next token must be none of those that begin this rule.
    NotBefore(usize),
}

/// A grammar: alternatives by rule. Brackets and braces have become rules of their own.
pub struct Grammar {
    pub names: Vec<String>,
    pub rules: Vec<Vec<Vec<Symbol>>>,
    by_name: BTreeMap<String, usize>,
}

impl Grammar {
    pub fn read(text: &str) -> Grammar {
        let words = words(text);
        let mut grammar = Grammar { names: Vec::new(), rules: Vec::new(), by_name: BTreeMap::new() };
        let mut at = 0;
        while at < words.len() {
            let rule = grammar.rule(&words[at]);
            assert_eq!(words[at + 1], "=", "after {}", words[at]);
            assert!(grammar.rules[rule].is_empty(), "{} is defined twice", words[at]);
            at += 2;
            let alternatives = grammar.alternatives(&words, &mut at);
            assert_eq!(words[at], ";", "after {}", grammar.names[rule]);
            grammar.rules[rule] = alternatives;
            at += 1;
        }
        for (name, rule) in grammar.names.iter().zip(&grammar.rules) {
            assert!(!rule.is_empty(), "{name} is not defined");
        }
        grammar
    }

    /// The rule of a name.
    pub fn find(&self, name: &str) -> usize {
        self.by_name[name]
    }

    fn rule(&mut self, name: &str) -> usize {
        if let Some(rule) = self.by_name.get(name) {
            return *rule;
        }
        let rule = self.add(name, Vec::new());
        self.by_name.insert(name.to_owned(), rule);
        rule
    }

    fn add(&mut self, name: &str, alternatives: Vec<Vec<Symbol>>) -> usize {
        self.names.push(name.to_owned());
        self.rules.push(alternatives);
        self.rules.len() - 1
    }

    fn alternatives(&mut self, words: &[String], at: &mut usize) -> Vec<Vec<Symbol>> {
        let mut all = vec![Vec::new()];
        loop {
            let word = words[*at].as_str();
            if matches!(word, ";" | ")" | "]" | "}") {
                return all;
            }
            *at += 1;
            let symbol = match word {
                "|" => {
                    all.push(Vec::new());
                    continue;
                }
                "!" => {
                    *at += 1;
                    Symbol::NotBefore(self.rule(&words[*at - 1]))
                }
                "(" | "[" | "{" => {
                    let mut inner = self.alternatives(words, at);
                    *at += 1;
                    if word != "(" {
                        inner.push(Vec::new());
                    }
                    let rule = self.add("group", inner);
                    if word == "{" {
                        for alternative in self.rules[rule].iter_mut().filter(|a| !a.is_empty()) {
                            alternative.push(Symbol::Rule(rule));
                        }
                    }
                    Symbol::Rule(rule)
                }
                quoted if quoted.starts_with('"') => Symbol::Token(quoted.trim_matches('"').to_owned()),
                class if class.chars().all(|c| c.is_ascii_uppercase()) => Symbol::Token(class.to_owned()),
                name => Symbol::Rule(self.rule(name)),
            };
            if let Some(last) = all.last_mut() {
                last.push(symbol);
            }
        }
    }

    /// The tokens that a rule of single tokens stands for.
    pub fn tokens(&self, rule: usize) -> Vec<&str> {
        let tokens = self.rules[rule].iter().map(|alternative| match alternative.as_slice() {
            [Symbol::Token(token)] => token.as_str(),
            other => panic!("{} is not made of single tokens: {other:?}", self.names[rule]),
        });
        tokens.collect()
    }

    /// The rules that sentences are made of: not those that only say what may not follow.
    pub fn reachable(&self, start: usize) -> HashSet<usize> {
        let (mut found, mut pending) = (HashSet::new(), vec![start]);
        while let Some(rule) = pending.pop() {
            if found.insert(rule) {
                let symbols = self.rules[rule].iter().flatten();
                pending.extend(symbols.filter_map(|symbol| if let Symbol::Rule(inner) = symbol { Some(*inner) } else { None }));
            }
        }
        found
    }

    /// Whether the tokens are a sentence (Earley's way).
    pub fn recognises(&self, start: usize, tokens: &[String]) -> bool {
        type Item = (usize, usize, usize, usize); // rule, alternative, dot, where it began
        let mut sets: Vec<(Vec<Item>, HashSet<Item>)> = vec![Default::default(); tokens.len() + 1];
        let put = |set: &mut (Vec<Item>, HashSet<Item>), item: Item| {
            if set.1.insert(item) {
                set.0.push(item);
            }
        };
        for alternative in 0..self.rules[start].len() {
            put(&mut sets[0], (start, alternative, 0, 0));
        }
        for at in 0..=tokens.len() {
            // Rules that took nothing here may be completed before they are asked for.
            let mut empty: HashSet<usize> = HashSet::new();
            let mut next = 0;
            while let Some(&(rule, alternative, dot, from)) = sets[at].0.get(next) {
                next += 1;
                match self.rules[rule][alternative].get(dot) {
                    None => {
                        if from == at {
                            empty.insert(rule);
                        }
                        let waiting: Vec<Item> = sets[from].0.clone();
                        for (r, a, d, f) in waiting {
                            if self.rules[r][a].get(d) == Some(&Symbol::Rule(rule)) {
                                put(&mut sets[at], (r, a, d + 1, f));
                            }
                        }
                    }
                    Some(Symbol::Token(token)) => {
                        if tokens.get(at) == Some(token) {
                            put(&mut sets[at + 1], (rule, alternative, dot + 1, from));
                        }
                    }
                    Some(Symbol::NotBefore(set)) => {
                        if tokens.get(at).is_none_or(|token| !self.tokens(*set).contains(&token.as_str())) {
                            put(&mut sets[at], (rule, alternative, dot + 1, from));
                        }
                    }
                    Some(Symbol::Rule(wanted)) => {
                        for a in 0..self.rules[*wanted].len() {
                            put(&mut sets[at], (*wanted, a, 0, at));
                        }
                        if empty.contains(wanted) {
                            put(&mut sets[at], (rule, alternative, dot + 1, from));
                        }
                    }
                }
            }
        }
        sets[tokens.len()].0.iter().any(|(rule, a, dot, from)| *rule == start && *from == 0 && *dot == self.rules[*rule][*a].len())
    }
}

/// Makes sentences. Every alternative has a counter, so that coverage can be asked for.
pub struct Generator<'g> {
    grammar: &'g Grammar,
    /// The least levels that each rule needs.
    least: Vec<usize>,
    seed: u64,
    pub used: HashMap<(usize, usize), usize>,
}

impl<'g> Generator<'g> {
    pub fn new(grammar: &'g Grammar, seed: u64) -> Generator<'g> {
        let mut least = vec![usize::MAX; grammar.rules.len()];
        loop {
            let before = least.clone();
            for (rule, alternatives) in grammar.rules.iter().enumerate() {
                least[rule] = alternatives.iter().map(|a| needs(&before, a)).min().unwrap_or(usize::MAX);
            }
            if least == before {
                return Generator { grammar, least, seed, used: HashMap::new() };
            }
        }
    }

    fn random(&mut self, below: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) as usize % below
    }

    /// A sentence as tokens; `None` if it broke a condition on what may follow.
    pub fn sentence(&mut self, start: usize, levels: usize) -> Option<Vec<String>> {
        let (mut tokens, mut conditions) = (Vec::new(), Vec::new());
        self.expand(start, levels, &mut tokens, &mut conditions);
        let holds = conditions.iter().all(|(at, set): &(usize, usize)| {
            tokens.get(*at).is_none_or(|token: &String| !self.grammar.tokens(*set).contains(&token.as_str()))
        });
        holds.then_some(tokens)
    }

    fn expand(&mut self, rule: usize, levels: usize, tokens: &mut Vec<String>, conditions: &mut Vec<(usize, usize)>) {
        let alternatives = &self.grammar.rules[rule];
        // A sentence that has become long is brought to its end.
        let levels = if tokens.len() > 80 { 0 } else { levels };
        let fits: Vec<usize> = (0..alternatives.len()).filter(|a| needs(&self.least, &alternatives[*a]) <= levels).collect();
        let chosen = if fits.is_empty() {
            (0..alternatives.len()).min_by_key(|a| needs(&self.least, &alternatives[*a])).unwrap_or(0)
        } else {
            fits[self.random(fits.len())]
        };
        *self.used.entry((rule, chosen)).or_default() += 1;
        for symbol in &alternatives[chosen] {
            match symbol {
                Symbol::Token(token) => tokens.push(token.clone()),
                Symbol::Rule(inner) => self.expand(*inner, levels.saturating_sub(1), tokens, conditions),
                Symbol::NotBefore(set) => conditions.push((tokens.len(), *set)),
            }
        }
    }
}

fn needs(least: &[usize], alternative: &[Symbol]) -> usize {
    let inner = alternative.iter().map(|symbol| match symbol {
        Symbol::Rule(rule) => least[*rule],
        Symbol::Token(_) | Symbol::NotBefore(_) => 0,
    });
    inner.max().unwrap_or(0).saturating_add(1)
}

/// The words of the notation; comments are left out.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let length = match rest.chars().next() {
            None => return words,
            Some('(') if rest.starts_with("(*") => {
                let end = rest.find("*)").unwrap_or_else(|| panic!("a comment is not closed"));
                rest = &rest[end + 2..];
                continue;
            }
            Some('"') => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            Some(c) if c.is_ascii_alphabetic() => rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
        };
        words.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
}
