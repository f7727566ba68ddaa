"""The demonstration's authorities and telephones: they answer from a register of fictitious people."""
