"""What the wizard's pages show in tables and views."""
