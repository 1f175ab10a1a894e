"""Steps: up and down between intensities, one reversible act (J6, J13)."""
