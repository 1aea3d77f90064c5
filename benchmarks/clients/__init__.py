"""The clients that are measured, a module each; its functions are the works it offers, by name."""
