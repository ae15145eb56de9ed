"""How a connection stands: its health, what it hears, why it rests, and when it goes on."""
