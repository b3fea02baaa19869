"""The application: it joins knowledge, understanding and channels. Nobody imports it."""
