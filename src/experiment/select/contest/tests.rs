//! Contests on made-up rows.
