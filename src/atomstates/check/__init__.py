"""What is wrong with a campaign, and what it would cost, before anything runs."""
