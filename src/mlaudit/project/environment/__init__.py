"""What is declared, locked and installed, and on which Python."""
