//! Dates of the proleptic Gregorian calendar, for any number of seconds.

/// A moment in UTC.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u32,
    /// From 1.
    pub(crate) day: u32,
    /// From 1.
    pub(crate) yearday: u32,
    /// Sunday is 0.
    pub(crate) weekday: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
}

fn leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

impl Moment {
    pub(crate) fn days_in_month(&self) -> u32 {
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap(self.year) => 29,
            2 => 28,
            _ => 31,
        }
    }
}

/// The moment of a number of seconds since the epoch.
///
/// Not by `chrono`, whose years end at 262,143: a NaN sample is the smallest number here, a day
/// of the year 292,277,026,596 after Go's wrap-around, which is what Prometheus answers.
pub(crate) fn moment(seconds: i64) -> Moment {
    // Go counts unsigned seconds from a year far before; only the smallest numbers wrap there.
    const TO_GO_ABSOLUTE: u64 = 9_223_371_966_579_724_800 + 62_135_596_800;
    let absolute = (seconds as u64).wrapping_add(TO_GO_ABSOLUTE);
    let days = (absolute / 86_400) as i64 - (TO_GO_ABSOLUTE / 86_400) as i64;
    let of_day = (absolute % 86_400) as u32;
    // Days since 0000-03-01, so that the leap day ends a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * march_month + 2) / 5 + 1) as u32;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let before_march = if leap(year) { 60 } else { 59 };
    let yearday = if month > 2 { of_year + before_march } else { of_year - 306 } as u32 + 1;
    Moment { year, month, day, yearday, weekday: (days + 4).rem_euclid(7) as u32, hour: of_day / 3_600, minute: of_day / 60 % 60 }
}

#[cfg(test)]
mod tests {
    use super::{Moment, moment};

    #[test]
    fn agrees_with_chrono() {
        use chrono::{Datelike, Timelike};
        for seconds in (-100_000_000_000_i64..200_000_000_000).step_by(98_765_431) {
            let c = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
            let m = moment(seconds);
            assert_eq!(
                (m.year, m.month, m.day, m.yearday, m.weekday, m.hour, m.minute),
                (i64::from(c.year()), c.month(), c.day(), c.ordinal(), c.weekday().num_days_from_sunday(), c.hour(), c.minute()),
                "{seconds}"
            );
        }
    }

    #[test]
    fn smallest_number_is_the_reference_s_year() {
        let m = Moment { year: 292_277_026_596, month: 12, day: 4, yearday: 339, weekday: 0, hour: 15, minute: 30 };
        assert_eq!(moment(i64::MIN), m);
    }
}
