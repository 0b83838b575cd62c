"""Parquet files of rows, written by a DuckDB that can reach nothing but the one file, in a worker.

parquet_task.py  what the worker does          writing.py  how the cloud asks for it
"""
