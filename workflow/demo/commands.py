"""The command `lianshen demo`."""
