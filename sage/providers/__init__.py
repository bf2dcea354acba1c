"""What others' models and Sage's own do for it, one file each, with plain types in and out."""
