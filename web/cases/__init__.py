"""What the page of every case has, whichever process it runs on: where it stands, and taking an action."""
