"""The rehearsal hospital (彩排医院) and the benchmarks: synthetic, and nobody real can appear."""
