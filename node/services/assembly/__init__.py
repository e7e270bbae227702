"""What an assembly does about itself: changing its statute by decision, and exposing who said two things at once."""
