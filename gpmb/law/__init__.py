"""The law of land clearance as pure functions over dated data: standard library only.

Nothing here asks for today's date or reads a database: dates, rules and holidays are arguments.
"""
