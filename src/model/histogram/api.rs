//! Histograms as the HTTP API shows them.

use super::Histogram;
use crate::model::number::format_api;
use std::fmt::Write;

impl Histogram {
    /// The JSON of the HTTP API: `{"count":"3","sum":"4.5","buckets":[[0,"1","2","3"]]}` with the
    /// populated buckets from the lowest to the highest. The first number of a bucket says which
    /// bounds belong to it: 0 the upper, 1 the lower, 2 none, 3 both.
    ///
    /// ```
    /// use ferula::model::Histogram;
    /// let h = Histogram { count: 2.0, zero_count: 2.0, zero_threshold: 0.5, ..Histogram::default() };
    /// assert_eq!(h.to_api_json(), r#"{"count":"2","sum":"0","buckets":[[3,"-0.5","0.5","2"]]}"#);
    /// ```
    pub fn to_api_json(&self) -> String {
        let mut out = format!(r#"{{"count":"{}","sum":"{}""#, format_api(self.count), format_api(self.sum));
        let mut separator = r#","buckets":["#;
        for bucket in self.buckets().filter(|bucket| bucket.count != 0.0) {
            let bounds = match (bucket.lower_inclusive, bucket.upper_inclusive) {
                (false, true) => 0,
                (true, false) => 1,
                (false, false) => 2,
                (true, true) => 3,
            };
            let [lower, upper, count] = [bucket.lower, bucket.upper, bucket.count].map(format_api);
            // Writing to a String cannot fail.
            let _ = write!(out, r#"{separator}[{bounds},"{lower}","{upper}","{count}"]"#);
            separator = ",";
        }
        out.push_str(if separator == "," { "]}" } else { "}" });
        out
    }
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{custom, histogram};

    #[test]
    fn buckets_of_all_kinds() {
        let h = histogram(0, [9.0, 1e21], (2.0, 0.75), (0, &[3.0, 0.0, 1.0]), (0, &[2.0, 1.0]));
        assert_eq!(
            h.to_api_json(),
            r#"{"count":"9","sum":"1e+21","buckets":[[1,"-2","-1","1"],[1,"-1","-0.75","2"],[3,"-0.75","0.75","2"],[0,"0.75","1","3"],[0,"2","4","1"]]}"#
        );
        let h = custom([3.0, 1.0], &[1.0], &[1.0, 2.0]);
        assert_eq!(h.to_api_json(), r#"{"count":"3","sum":"1","buckets":[[3,"-Inf","1","1"],[0,"1","+Inf","2"]]}"#);
        assert_eq!(custom([0.0, 1.0], &[1.0], &[]).to_api_json(), r#"{"count":"0","sum":"1"}"#);
    }
}
