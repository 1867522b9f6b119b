//! Sums and means of native histograms.

use crate::model::histogram::HistogramError;
use crate::model::{CounterResetHint, Histogram};

/// What one group at one step has seen since its first histogram. Boxed and made on demand: most
/// groups never see one.
#[derive(Default)]
pub(super) struct Running {
    /// `None` if the group began with a float: its histograms do not count then.
    sum: Option<Sum>,
    /// There is a float too: the group has no value.
    floats: bool,
    /// Buckets that cannot be added: the group has no value, and what follows is not looked at.
    incompatible: bool,
}

pub(super) struct Sum {
    /// The sum; once `running`, the mean.
    pub(super) value: Histogram,
    pub(super) lost: Option<Histogram>,
    pub(super) n: f64,
    pub(super) running: bool,
    /// A hint for, and a hint against a counter reset occurred.
    pub(super) hints: [bool; 2],
}

/// What there is to say about one addition.
#[derive(Default, PartialEq)]
pub(super) struct Added {
    pub(super) reconciled: bool,
    pub(super) incompatible: bool,
}

/// What a group at a step comes to.
pub(super) enum Total {
    /// The value, and whether the reset hints were in conflict.
    Histogram(Box<Histogram>, bool),
    /// Floats and histograms together have no value.
    Mixed,
    Nothing,
}

impl Running {
    /// The group began with a float and now gets a histogram.
    pub(super) fn after_float() -> Running {
        Running { floats: true, ..Running::default() }
    }

    /// Goes on with a sum.
    pub(super) fn of(sum: Sum) -> Running {
        Running { sum: Some(sum), ..Running::default() }
    }

    pub(super) fn add_float(&mut self) {
        self.floats |= !self.incompatible;
    }

    /// Adds a histogram, to a mean if `average`.
    pub(super) fn add(&mut self, h: &Histogram, average: bool) -> Added {
        if self.incompatible || (self.sum.is_none() && self.floats) {
            return Added::default();
        }
        let Some(sum) = &mut self.sum else {
            let mut sum = Sum { value: h.clone(), lost: None, n: 1.0, running: false, hints: [false; 2] };
            sum.note_hint(h);
            self.sum = Some(sum);
            return Added::default();
        };
        sum.note_hint(h);
        sum.n += 1.0;
        let added = if average { sum.add_to_mean(h) } else { sum.value.kahan_add(h, &mut sum.lost).map(|o| o.nhcb_reconciled) };
        match added {
            Ok(reconciled) => Added { reconciled, incompatible: false },
            Err(_) => {
                self.incompatible = true;
                Added { reconciled: false, incompatible: true }
            }
        }
    }

    pub(super) fn finish(self, average: bool) -> Total {
        if self.floats {
            return Total::Mixed;
        }
        match self.sum {
            Some(sum) if !self.incompatible => sum.finish(average),
            _ => Total::Nothing,
        }
    }
}

impl Sum {
    fn note_hint(&mut self, h: &Histogram) {
        match h.counter_reset_hint {
            CounterResetHint::Reset => self.hints[0] = true,
            CounterResetHint::NotReset => self.hints[1] = true,
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
    }

    /// Adds to the sum as long as it stays finite, from there on to a running mean. Whether
    /// custom bounds were reconciled.
    fn add_to_mean(&mut self, h: &Histogram) -> Result<bool, HistogramError> {
        let mut reconciled = false;
        if !self.running {
            let (mut value, mut lost) = (self.value.clone(), self.lost.clone());
            reconciled = value.kahan_add(h, &mut lost)?.nhcb_reconciled;
            if !overflows(&value) {
                (self.value, self.lost) = (value, lost);
                return Ok(reconciled);
            }
            self.running = true;
            self.value.div(self.n - 1.0);
            if let Some(lost) = &mut self.lost {
                lost.div(self.n - 1.0);
            }
        }
        let weight = (self.n - 1.0) / self.n;
        self.value.mul(weight);
        if let Some(lost) = &mut self.lost {
            lost.mul(weight);
        }
        let mut part = h.clone();
        part.div(self.n);
        Ok(self.value.kahan_add(&part, &mut self.lost)?.nhcb_reconciled || reconciled)
    }

    fn finish(mut self, average: bool) -> Total {
        let conflict = self.hints == [true, true];
        if average && !self.running {
            self.value.div(self.n);
            if let Some(lost) = &mut self.lost {
                lost.div(self.n);
            }
        }
        // What was lost has the buckets of the value: they always add.
        if let Some(lost) = &self.lost
            && self.value.add(lost).is_err()
        {
            return Total::Nothing;
        }
        self.value.compact(0);
        Total::Histogram(Box::new(self.value), conflict)
    }
}

fn overflows(h: &Histogram) -> bool {
    let parts = h.positive_buckets.iter().chain(&h.negative_buckets).chain(&h.custom_values);
    [h.zero_count, h.count, h.sum].iter().chain(parts).any(|v| v.is_infinite())
}
