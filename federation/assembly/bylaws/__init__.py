"""What a statute lays down beyond roster, mode and rule: its further terms, their checks, presets, and its changes.

Pure. Called when a statute is read or written.
"""
