"""Where grades are kept: our ledger for ever, nbgrader's gradebook and files for those who use its pages."""
