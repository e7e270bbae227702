"""Event to activity: what each noun says to peers, one file per noun; called by services only."""
