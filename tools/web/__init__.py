"""The site, the slides and the print edition, made from the stored notebooks."""
