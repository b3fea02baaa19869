"""What the bot knows: content in YAML, its models, loader and validator. Knows no channel, HTTP or score."""
