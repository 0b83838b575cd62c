"""Getting the catalogue's models onto this machine: `fetching` downloads one file, `installing` makes models of files
and takes them away. Knows nothing of how a model is run."""
