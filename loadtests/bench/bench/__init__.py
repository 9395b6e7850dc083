"""The comparison with nginx, a job a file."""
