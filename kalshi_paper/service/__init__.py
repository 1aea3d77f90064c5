"""The exchange's state, the commands that change it, and the journal that keeps them."""
