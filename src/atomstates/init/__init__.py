"""A campaign for the user's own crystal and potential: what is guessed, asked and written."""
