"""The demo: sample people, organisations and some two hundred applications, made through the engine."""
