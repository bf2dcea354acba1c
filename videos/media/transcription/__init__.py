"""Read what a transcript is made from: the sound for speech recognition, and the text subtitle streams."""
