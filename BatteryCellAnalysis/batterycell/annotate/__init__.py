"""What people put into a cell: marked defects, rulers and angles."""
