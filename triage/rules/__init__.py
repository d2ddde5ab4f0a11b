"""Pure decisions: values in, a value with its reason out. No clock, disk, network or database."""
