"""Pages over the screen: keys, why, formulas, what to ask again, a sweep. Each is read and closed."""
