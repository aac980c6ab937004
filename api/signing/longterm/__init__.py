"""Making signatures last: time-stamps and the evidence of their day, in the background."""
