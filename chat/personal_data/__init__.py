"""Find and remove personal data in texts. Pure functions of text: nothing here knows Django."""
