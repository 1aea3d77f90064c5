"""What changed between two documents: facts on both sides, and what each change breaks."""
