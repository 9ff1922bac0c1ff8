"""Long work of the wizard in processes of its own."""
