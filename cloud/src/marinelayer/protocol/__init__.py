"""The wire protocols: telling requests apart, reading and writing them. Pure: no I/O, no clock, no asyncio."""
