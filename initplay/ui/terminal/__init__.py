"""What a real terminal does to a program, and what replaces parts of Textual for that; in ASCII too."""
