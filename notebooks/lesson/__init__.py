"""What the notebooks import beside plotnet: it travels with them into every copy."""
