"""The section "X-ray movie": frames and what is typed about them, the steps, and what they found."""
