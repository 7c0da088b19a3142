"""Every write about the log itself; lines are written by ``log.record``."""
