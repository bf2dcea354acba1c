"""Read, store and compare the text that is visible in videos."""
