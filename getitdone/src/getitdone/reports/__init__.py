"""The report site: counts of a month as CSV, HTML table and chart, and the index of them all."""
