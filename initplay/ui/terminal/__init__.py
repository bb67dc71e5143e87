"""What a real terminal asks of a program: input, output, signals, ASCII, and other parts for Textual."""
