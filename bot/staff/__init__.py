"""Tools with which staff keep the knowledge true: checks, preview, replay, spreadsheets, open data."""
