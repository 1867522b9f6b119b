//! The logical plan.
