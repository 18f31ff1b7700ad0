"""What a question asks for: its kind, its parts, and what it leaves to the questions before it."""
