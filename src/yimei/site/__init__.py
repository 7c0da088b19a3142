"""The public website: pages that need no sign-in."""
