"""Places that residents look for: stored, searched by distance and hours, offered in conversation."""
