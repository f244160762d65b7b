"""Everything that can go wrong is made to go wrong: kills, disks, clocks, damages, swaps."""
