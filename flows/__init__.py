"""What runs when: wiring builds the house once, the flows are lists of calls."""
