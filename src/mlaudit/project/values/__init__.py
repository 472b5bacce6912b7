"""What a value is: in one function, and on one way through a program."""
