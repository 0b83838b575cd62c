"""S3 Select's language: a request's expression and serializations as values, and what is refused of them. Pure.

    lexer.py    an expression's tokens
    parser.py   the tree of its one SELECT
    tree.py     what the tree is made of
    formats.py  how an object is read, and how the records found are written
    refusals.py the errors

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference.html
"""
