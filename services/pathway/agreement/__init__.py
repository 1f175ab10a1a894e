"""Agreement: a plan is in force only for the exact version that the person agreed (P3, P4)."""
