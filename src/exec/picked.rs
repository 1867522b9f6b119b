//! Some rows of a vector, in an order of one's own.

use super::{Block, Cx, Series, Stop, VectorOp};

/// The rows `of` of `op`, in that order.
pub(crate) struct Picked<V> {
    op: V,
    of: Vec<u32>,
    rows: Vec<Series>,
}

impl<'q, V: std::ops::Deref<Target = dyn VectorOp + 'q> + Send + Sync> Picked<V> {
    pub(crate) fn new(op: V, of: Vec<u32>) -> Picked<V> {
        let all = op.rows();
        let rows = of.iter().map(|row| all[*row as usize].clone()).collect();
        Picked { op, of, rows }
    }
}

impl<'q, V: std::ops::Deref<Target = dyn VectorOp + 'q> + Send + Sync> VectorOp for Picked<V> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        let inner: Vec<u32> = rows.iter().map(|row| self.of[*row as usize]).collect();
        self.op.fill(&inner, cx, out)?;
        out.heads[before..].copy_from_slice(rows);
        Ok(())
    }
}
