"""What a broadcast loses while events come in: the same broadcast alone, with events, and with a tenth of them."""
