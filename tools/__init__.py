"""What make, nox and the authors call."""
