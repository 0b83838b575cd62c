"""Marine Layer: a cloud on your own ground that speaks AWS's wire protocols."""
