"""One module for each subject of the public website."""
