"""A run as one HTML page: everything in it, played by any browser without a server."""
