//! The test-script language and its runner.
