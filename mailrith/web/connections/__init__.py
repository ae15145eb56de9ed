"""Pages about email delivery connections: list and form, Verify, test mails, webhooks, and taking one away."""
