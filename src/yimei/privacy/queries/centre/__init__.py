"""What the privacy centre shows a person: what is kept and why, who got it, who looked."""
