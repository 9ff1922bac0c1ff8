"""What people place in the views (defects, rulers, the box of a cut): placed, followed, listed, undone."""
