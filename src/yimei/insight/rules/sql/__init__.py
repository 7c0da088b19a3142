"""What an analyst may ask in SQL, and what an answer may say of people."""
