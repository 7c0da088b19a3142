"""Reports: what one holds, over which days, what it says by itself; on plain values."""
