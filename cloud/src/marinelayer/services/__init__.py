"""What the cloud does: one package a service, one module a noun. Services know ports, never adapters or each other."""
