"""What a mail says: the e-mail document, its Markdown form, merge tags, rendering to HTML and
text, and the compiled message that is spliced for each recipient.

Pure functions and frozen values. It owns no rows, talks to nobody and knows neither broadcasts
nor deliveries: who gets a mail, when, and through what, is decided elsewhere.
"""
