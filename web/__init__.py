"""The pages: they parse what was typed, call `workflow`, and render. No rule lives here."""
