"""What a connection may carry: limits of one account, shares of workspaces, days, warm-ups, groups of receivers."""
