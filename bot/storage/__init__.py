"""What is kept: sessions, turns, feedback, events seen. SQLite or PostgreSQL through SQLAlchemy."""
