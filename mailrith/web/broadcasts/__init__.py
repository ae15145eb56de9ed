"""Pages of broadcasts: the list, the letter, its audience, the review, the sending and the report."""
