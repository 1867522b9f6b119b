//! The table of data and queries, `benches/matrix.json`, as the peers' programs read it too.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// All data sets and rows.
#[derive(Deserialize)]
pub struct Table {
    /// The data sets by name.
    pub data: BTreeMap<String, DataSet>,
    /// The rows; those of one data set need not stand together.
    pub rows: Vec<Row>,
}

/// A data set: families of series that are sampled together.
#[derive(Deserialize)]
pub struct DataSet {
    /// Distance of two samples, ms.
    pub interval_ms: i64,
    /// Samples of each series.
    pub samples: u64,
    /// Its families; series are numbered through them in this order.
    pub families: Vec<Family>,
}

/// The series of one metric: the product of its labels, the last one varying fastest.
#[derive(Deserialize)]
pub struct Family {
    /// The metric name.
    pub metric: String,
    /// Labels that all series share.
    #[serde(default, rename = "const")]
    pub constant: BTreeMap<String, String>,
    /// Labels that tell the series apart.
    pub labels: Vec<Axis>,
    /// The formula of the values.
    pub kind: Kind,
    /// How far, ms, a sample may lie from its slot.
    #[serde(default)]
    pub jitter_ms: u64,
    /// About how many samples lie between two counter resets; 0: there are none.
    #[serde(default)]
    pub reset_every: u64,
    /// Into how many parts the time is cut, of which each series lives in one; 0: it lives always.
    #[serde(default)]
    pub lives: u64,
}

/// A label with all its values: listed, or counted.
#[derive(Deserialize)]
pub struct Axis {
    /// The label's name.
    pub name: String,
    /// The values; empty where they are counted.
    #[serde(default)]
    pub values: Vec<String>,
    /// How many values are made by counting.
    #[serde(default)]
    pub count: usize,
    /// What stands before the number.
    #[serde(default)]
    pub prefix: String,
    /// The number is spread over 16 hexadecimal digits.
    #[serde(default)]
    pub hex: bool,
}

/// The formulas of values.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    One,
    Ramp,
    Linear,
    Counter,
    Gauge,
    Classic,
    Native,
    NativeRamp,
    NhcbRamp,
}

/// One query of the table.
#[derive(Deserialize)]
pub struct Row {
    /// Unique in the table.
    pub name: String,
    /// Rows of a set are judged together.
    pub set: String,
    /// How much of real life the query stands for: 4 dominates, 2 is common, 1 is rare.
    pub weight: u32,
    /// Name of the data set.
    pub data: String,
    /// The query.
    pub query: String,
    /// First step, ms.
    pub start_ms: i64,
    /// Last step, ms; the time of an instant query.
    pub end_ms: i64,
    /// Distance of the steps, ms; 0: an instant query.
    pub step_ms: i64,
}

impl Axis {
    /// How many values there are.
    pub fn len(&self) -> usize {
        if self.values.is_empty() { self.count } else { self.values.len() }
    }

    /// The value of an index below [`Axis::len`].
    pub fn value(&self, index: usize) -> String {
        if let Some(value) = self.values.get(index) {
            value.clone()
        } else if self.hex {
            format!("{}{:016x}", self.prefix, crate::formula::mix(index as u64))
        } else {
            format!("{}{index}", self.prefix)
        }
    }
}

impl Family {
    /// How many series there are.
    pub fn size(&self) -> usize {
        self.labels.iter().map(Axis::len).product()
    }
}

impl Table {
    /// Reads the table.
    pub fn read(path: &Path) -> Result<Table, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let table: Table = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        if let Some(row) = table.rows.iter().find(|row| !table.data.contains_key(&row.data)) {
            return Err(format!("{}: row {} names no data set", path.display(), row.name).into());
        }
        Ok(table)
    }
}
