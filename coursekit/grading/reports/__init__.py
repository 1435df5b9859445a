"""What people read of finished results. Nothing here has a say in a grade."""
