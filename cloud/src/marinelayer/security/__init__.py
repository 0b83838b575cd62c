"""Who asks, and whether they may. Pure: no I/O, no clock, no asyncio; everything needed is passed in."""
