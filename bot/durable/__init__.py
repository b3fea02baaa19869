"""Durable delivery: the inbox of webhook events and the outbox of replies, worked through by leases.

webhook → intake (secrets masked) → inbox, acknowledged
worker  → claim a conversation → answer → turn + replies in the outbox, one transaction
sender  → claim a reply → the channel → done, again later, or a dead letter
"""
