"""Review the differences of a comparison, and show the notes of a comparison at its differences."""
