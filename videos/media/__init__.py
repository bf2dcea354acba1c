"""Read and write video files with PyAV and NumPy; no module here imports Django."""
