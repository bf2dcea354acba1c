"""What a video file says of itself, and its frames and stills: PyAV and numpy only, no Django."""
