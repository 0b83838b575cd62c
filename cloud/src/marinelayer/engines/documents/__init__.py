"""Documents taken apart and put together again, in a worker: plain text, HTML, and Office Open XML."""
