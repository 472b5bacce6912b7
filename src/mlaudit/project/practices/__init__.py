"""Tools and practices, by how they show themselves."""
