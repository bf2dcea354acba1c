"""Extract what a sales conversation teaches: an analysis, structured data, a voice prompt and training examples."""
