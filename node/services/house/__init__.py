"""What this body does about itself, its keys first; called by the command line, by job rows and by its neighbours."""
