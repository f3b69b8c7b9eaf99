"""Rules that give each candidate its probability, and the one function that draws."""
