"""What a found result is worth, and what lateness costs: pure functions from values to points."""
