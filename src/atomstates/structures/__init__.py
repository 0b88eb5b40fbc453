"""From a crystal with partial occupancies to ordered cells: geometry and charges only."""
