"""AWS's service models as operations, shapes and errors. Pure: the only I/O is reading botocore's data files."""
