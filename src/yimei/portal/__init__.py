"""Patient screens: survey by link now, the whole portal later; never imports the desk."""
