"""S3 Select's queries: records are read from an object's bytes, found by DuckDB, and written, all in a worker.

select_task.py  what the worker does          selection.py  how the cloud asks for it
decompression.py csv_records.py json_records.py parquet_records.py    bytes as batches of records
columns.py      the values that a query looks at, as typed columns
compiler.py functions.py    a query's tree as SQL over them: the only SQL that DuckDB ever gets
sandbox.py      a DuckDB that can reach nothing but these columns
query.py aggregation.py writing.py    what was found, as records of the answer
"""
