"""Sites, states, density of states, disorder."""
