"""Products of a campaign as pandas tables and matplotlib figures (``atomstates.open``)."""
