"""The statements of `s3.sql`."""

from marinelayer.statements import Statements

SQL = Statements(__package__ or "", "s3.sql")
