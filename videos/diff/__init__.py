"""How two videos differ: fingerprints in, an edit script out. numpy and PyAV only, no Django."""
