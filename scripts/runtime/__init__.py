"""Plain modules that regeneration copies into the client package as they are."""
