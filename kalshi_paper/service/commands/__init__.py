"""The commands: every change of the exchange's state as a typed object, recorded in the journal by name."""
