"""What came back: provider webhooks, stored raw and applied once, and the facts about deliveries that follow.

Decides what a fact does to a subscriber. Does not send.
"""
