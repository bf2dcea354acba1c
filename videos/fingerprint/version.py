"""Define the version of the fingerprint format and method, without loading a decoder."""

FINGERPRINT_VERSION = 2  # increase it to have every video analysed again
PERCEPTUAL_MODEL = "sage-perceptual-1"  # the local model of clip vectors; with another one, increase the version too
