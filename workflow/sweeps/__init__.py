"""What runs by the clock: timers that move cases, reminders of due days, and what messages say.

Who calls the sweeps on time, and who sends what they write, lives in notifications.
"""
