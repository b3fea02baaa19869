"""From a string to a ranked, calibrated decision. Knows no channel, database or HTTP."""
