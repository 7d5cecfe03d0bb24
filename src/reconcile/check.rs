//! Checks a reconciliation.
