//! Calendar fields of samples that are times, in UTC.

use super::Function;
#[cfg(feature = "engine")]
use super::calendar::moment;
#[cfg(feature = "engine")]
use super::kernel::Kernel;
#[cfg(feature = "engine")]
use super::sample_time;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { minute (V) 1 -> V timed;
    "The minute of the hour, 0 to 59, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "minute(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).minute)) },
    function! { hour (V) 1 -> V timed;
    "The hour of the day, 0 to 23, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "hour(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).hour)) },
    function! { day_of_week (V) 1 -> V timed;
    "The day of the week, 0 (Sunday) to 6, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "day_of_week(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).weekday)) },
    function! { day_of_month (V) 1 -> V timed;
    "The day of the month, 1 to 31, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "day_of_month(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).day)) },
    function! { day_of_year (V) 1 -> V timed;
    "The day of the year, 1 to 366, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "day_of_year(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).yearday)) },
    function! { days_in_month (V) 1 -> V timed;
    "The number of days in the month, 28 to 31, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "days_in_month(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).days_in_month())) },
    function! { month (V) 1 -> V timed;
    "The month of the year, 1 to 12, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "month(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| f64::from(moment(s).month)) },
    function! { year (V) 1 -> V timed;
    "The year, of each sample as a UTC time in seconds; without an argument, of the evaluation time.";
    "year(certificate_expiry_timestamp_seconds)";
    Kernel::Date(|s| moment(s).year as f64) },
    function! { timestamp (V) -> V timed stats times selector;
    "The time of each sample in seconds.";
    "time() - timestamp(up)";
    Kernel::Special(sample_time::timestamp) },
    function! { start_timestamp (V) -> V experimental stats times selector;
    "The time in seconds from which each sample counts, where it is known.";
    "start_timestamp(http_requests_total)";
    Kernel::Special(sample_time::start_timestamp) },
];
