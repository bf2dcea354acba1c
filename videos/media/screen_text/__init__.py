"""Read the text that is visible in the frames of a video: titles, lower thirds, slides, captions and credits."""
