"""Several processes behind one address: one accepts connections, the others serve them.

A process that serves is a whole replica; all they share is the address, the database, and a folder
in which they ask each other what they counted. One interpreter computes on one core at a time, so
this is how a service uses the others.
"""
