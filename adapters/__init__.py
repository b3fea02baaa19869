"""Channels: one module each behind one small interface (`adapters.base.Adapter`).

Nothing here knows what an intent is: a channel turns its own payloads into `IncomingMessage`
and a channel-neutral `Reply` into its own payloads, within its own limits.
"""
