"""Side-by-side measurement of the chain from a lead to its paid invoice."""
