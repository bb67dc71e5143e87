"""Pages over the screen: keys, why, formulas. Each is read and closed; none changes anything."""
