"""The journal: what was decided and what happened, durable before the effect it announces."""
