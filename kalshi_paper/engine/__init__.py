"""
The matching engine: order books, matching, fees, positions, money. `MatchingEngine` in `engine.py` is the way in.

Pure code: it reads no clock, file, socket or random number, and imports nothing of the other packages here.
"""
