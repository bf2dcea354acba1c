"""Which way of making fingerprints is in force: alone here, for those who ask but never read one."""

FINGERPRINT_VERSION = 1  # a higher one has every video read again
