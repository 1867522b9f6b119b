//! Stand-ins until the algebra of native histograms has landed whole; inherent methods win.
use crate::model::Histogram;

pub(crate) struct QuantileOutcome {
    pub(crate) value: f64,
    pub(crate) nan_result: bool,
    pub(crate) nan_skew: bool,
}
pub(crate) struct FractionOutcome {
    pub(crate) value: f64,
    pub(crate) nan_observations: bool,
}
pub(crate) trait Pending {
    fn detect_reset(&self, previous: &Histogram) -> bool;
    fn same_as(&self, other: &Histogram) -> bool;
    fn stdvar(&self) -> f64;
    fn quantile(&self, q: f64) -> QuantileOutcome;
    fn fraction(&self, lower: f64, upper: f64) -> FractionOutcome;
}
impl Pending for Histogram {
    fn detect_reset(&self, previous: &Histogram) -> bool {
        self.count < previous.count
    }
    fn same_as(&self, other: &Histogram) -> bool {
        self == other
    }
    fn stdvar(&self) -> f64 {
        f64::NAN
    }
    fn quantile(&self, _: f64) -> QuantileOutcome {
        QuantileOutcome { value: f64::NAN, nan_result: false, nan_skew: false }
    }
    fn fraction(&self, _: f64, _: f64) -> FractionOutcome {
        FractionOutcome { value: f64::NAN, nan_observations: false }
    }
}
